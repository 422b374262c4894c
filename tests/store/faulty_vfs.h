/* faulty_vfs.h - SQLite's way to the disk, with a fault at the nth write, sync or truncation.
 *
 * Everything else goes straight through to the system, except that nothing waits for the disk: a test
 * cuts no power. */
#ifndef TESTS_STORE_FAULTY_VFS_H
#define TESTS_STORE_FAULTY_VFS_H

enum fault { FAULT_WRITE, FAULT_FULL };     /* the disk fails, or has no room */

void     faulty_vfs_install(void);          /* for every database opened from now on */
void faulty_vfs_fail_at(unsigned nth, enum fault fault); /* 1 the next; 0 never; all after it fail too */
unsigned faulty_vfs_calls(void);            /* since fail_at */

#endif
