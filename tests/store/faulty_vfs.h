/* faulty_vfs.h - SQLite's way to the disk, with a fault at the nth write, truncation or sync.
 *
 * Everything else goes straight through to the system, except that nothing waits for the disk: what a power cut would
 * leave is kept beside the file instead, if that is asked for. */
#ifndef TESTS_STORE_FAULTY_VFS_H
#define TESTS_STORE_FAULTY_VFS_H

/* The disk fails or has no room when it is written to; or it does not confirm what it took. */
enum fault { FAULT_WRITE, FAULT_FULL, FAULT_SYNC };

void     faulty_vfs_install(void);          /* for every database opened from now on */
void faulty_vfs_fail_at(unsigned nth, enum fault fault); /* 1 the next; 0 never; all after it fail too */
unsigned faulty_vfs_calls(void);            /* since fail_at, of the kind that it is about */

/* From now on every sync of a file copies it to <name>.synced, in a moment; and those two copies of the database at
 * path and its -wal file to the database at to, as they are now, between two syncs. */
void faulty_vfs_keep_synced(void);
void faulty_vfs_cut_power(const char *path, const char *to);

#endif
