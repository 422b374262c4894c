/* uploads.h - files that people send to the server in pieces, to be looked at and imported by a job.
 *
 * Each lies beside the database under a name of ours until it was imported, was removed, or the server ends; what a
 * server that was killed left is removed by the next.  Any thread may call. */
#ifndef JOB_UPLOADS_H
#define JOB_UPLOADS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

struct uploads;

enum { UPLOADS_MOST = 8, UPLOAD_PIECE_MOST_BYTES = 4 << 20, UPLOAD_NAME_MOST_BYTES = 200 };

/* One file as it stands. */
struct upload {
    int64_t     id;
    const char *name, *who, *path;      /* name: as whoever sent it calls it; path: where it lies */
    uint64_t    bytes, received;
    int64_t     look_job, import_job;   /* the latest of each; 0: none */
    bool        is_imported;            /* its bytes are gone */
};

struct uploads *uploads_new(const char *database_path);
void uploads_free(struct uploads *uploads);     /* and the files; NULL is fine */

/* Errors: ERR_INVALID the name or the length; ERR_BUSY too many files are being sent; ERR_REFUSED there is no room
 * on the disk; ERR_IO. */
bool uploads_begin(struct uploads *uploads, const char *name, uint64_t bytes, const char *who, int64_t *ret_id,
                   struct err *err) MUST_CHECK;

/* The bytes that follow the at that came before; those that came already are taken as they are.
 * Errors: ERR_MISSING; ERR_REFUSED others are next (says which), or more than there are; ERR_IO. */
bool uploads_put(struct uploads *uploads, int64_t id, uint64_t at, struct text piece, uint64_t *ret_received,
                 struct err *err) MUST_CHECK;

/* Errors: ERR_MISSING there is none of this number (any more). */
bool uploads_get(struct uploads *uploads, int64_t id, struct arena *arena, struct upload *ret_upload,
                 struct err *err) MUST_CHECK;
/* The newest first. */
void uploads_all(struct uploads *uploads, struct arena *arena, struct upload **ret_uploads, size_t *ret_n);
bool uploads_remove(struct uploads *uploads, int64_t id, struct err *err) MUST_CHECK;

/* job 0: stays as it was. */
void uploads_note_jobs(struct uploads *uploads, int64_t id, int64_t look_job, int64_t import_job);
void uploads_note_imported(struct uploads *uploads, int64_t id);        /* removes its bytes */

#endif
