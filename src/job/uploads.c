/* uploads.c - see uploads.h. */
#include "job/uploads.h"

#include "base/memory.h"
#include "customer/encoding.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a disk keeps free for the database itself. */
#define ROOM_LEFT_BYTES (UINT64_C(64) << 20)
#define MEGA UINT64_C(1000000)

struct kept { struct upload upload; char *name, *who, *path; };

struct uploads {
    char           *prefix;             /* of every file's path */
    pthread_mutex_t mutex;              /* guards what follows, and what is written to the files */
    struct kept     kept[UPLOADS_MOST]; /* [n] the oldest first */
    size_t          n;
    int64_t         last_id;
};

/* What a server that was killed left. */
static void sweep(const struct uploads *uploads)
{
    glob_t found = { 0 };
    char *pattern = memory_new(2 * strlen(uploads->prefix) + 2, 1), *to = pattern;
    for (const char *from = uploads->prefix; *from; from++) {
        if (strchr("*?[\\", *from)) *to++ = '\\';
        *to++ = *from;
    }
    *to = '*';
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) (void)unlink(found.gl_pathv[i]);
    globfree(&found);
    free(pattern);
}

struct uploads *uploads_new(const char *database_path)
{
    struct uploads *uploads = memory_new(1, sizeof *uploads);
    size_t room = strlen(database_path) + sizeof ".upload-";
    uploads->prefix = memory_new(room, 1);
    snprintf(uploads->prefix, room, "%s.upload-", database_path);
    pthread_mutex_init(&uploads->mutex, NULL);
    sweep(uploads);
    return uploads;
}

/* Under the mutex. */
static void drop(struct uploads *uploads, size_t at)
{
    struct kept *kept = &uploads->kept[at];
    if (!kept->upload.is_imported) (void)unlink(kept->path);
    free(kept->name), free(kept->who), free(kept->path);
    memmove(kept, kept + 1, (uploads->n - at - 1) * sizeof *kept);
    uploads->n--;
}

void uploads_free(struct uploads *uploads)
{
    if (!uploads) return;
    while (uploads->n > 0) drop(uploads, uploads->n - 1);
    pthread_mutex_destroy(&uploads->mutex);
    free(uploads->prefix);
    free(uploads);
}

/* Under the mutex; NULL: there is none. */
static struct kept *find(struct uploads *uploads, int64_t id, struct err *err)
{
    for (size_t i = 0; i < uploads->n; i++)
        if (uploads->kept[i].upload.id == id) return &uploads->kept[i];
    (void)err_set(err, ERR_MISSING,
                  "there is no file %" PRId64 " any more: files stay until the server ends; send it again", id);
    return NULL;
}

/* ---- begun ---- */

/* A browser gives a name alone; whoever gives a path is not followed there. */
static bool check_name(const char *name, const char **ret_name, struct err *err)
{
    for (const char *at = name; *at; at++)
        if (*at == '/' || *at == '\\') name = at + 1;
    size_t length = strlen(name);
    bool is_text = length > 0 && length <= UPLOAD_NAME_MOST_BYTES &&
                   encoding_valid_utf8(name, length, false) == length;
    for (const char *at = name; *at && is_text; at++) is_text = (unsigned char)*at >= ' ';
    *ret_name = name;
    return is_text || err_set(err, ERR_INVALID, "name: expected the file's name, of 1 to %d bytes of UTF-8",
                              UPLOAD_NAME_MOST_BYTES);
}

/* Under the mutex: room for what others have still to send is theirs. */
static bool check_room(const struct uploads *uploads, uint64_t bytes, struct err *err)
{
    struct statvfs disk;
    uint64_t taken = ROOM_LEFT_BYTES;
    for (size_t i = 0; i < uploads->n; i++) {
        const struct upload *other = &uploads->kept[i].upload;
        taken += other->bytes - other->received;
    }
    char *folder = memory_copy(uploads->prefix), *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    bool is_known = statvfs(slash ? folder : ".", &disk) == 0;
    free(folder);
    uint64_t n_free = is_known ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
    uint64_t room = n_free > taken ? n_free - taken : 0;
    return bytes <= room ||
           err_set(err, ERR_REFUSED,
                   "the server's disk has room for %" PRIu64 " MB, and the file has %" PRIu64 ": make room there, "
                   "or import it on the server with holdfast import",
                   room / MEGA, bytes / MEGA);
}

/* Under the mutex: the oldest that was imported makes room. */
static bool make_room(struct uploads *uploads, struct err *err)
{
    if (uploads->n < UPLOADS_MOST) return true;
    for (size_t i = 0; i < uploads->n; i++)
        if (uploads->kept[i].upload.is_imported) {
            drop(uploads, i);
            return true;
        }
    return err_set(err, ERR_BUSY, "%d files wait to be imported: import or remove one first", UPLOADS_MOST);
}

/* Under the mutex. */
static bool make(struct uploads *uploads, const char *name, uint64_t bytes, const char *who, struct err *err)
{
    size_t room = strlen(uploads->prefix) + 24;
    char *path = memory_new(room, 1);
    snprintf(path, room, "%s%" PRId64, uploads->prefix, uploads->last_id + 1);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        free(path);
        return err_set(err, ERR_IO, "the file cannot be kept beside the database: %s", strerror(errno));
    }
    (void)close(file);
    struct kept *kept = &uploads->kept[uploads->n++];
    *kept = (struct kept){ .name = memory_copy(name), .who = memory_copy(who), .path = path };
    kept->upload = (struct upload){ .id = ++uploads->last_id, .bytes = bytes };
    return true;
}

bool uploads_begin(struct uploads *uploads, const char *name, uint64_t bytes, const char *who, int64_t *ret_id,
                   struct err *err)
{
    if (!check_name(name, &name, err)) return false;
    if (bytes == 0) return err_set(err, ERR_INVALID, "%s is empty: there is nothing to import", name);
    pthread_mutex_lock(&uploads->mutex);
    bool ok = check_room(uploads, bytes, err) && make_room(uploads, err) && make(uploads, name, bytes, who, err);
    if (ok) *ret_id = uploads->last_id;
    pthread_mutex_unlock(&uploads->mutex);
    return ok;
}

/* ---- its bytes ---- */

static bool write_piece(const char *path, uint64_t at, struct text piece, struct err *err)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = file >= 0;
    for (size_t done = 0; ok && done < piece.length;) {
        ssize_t n = pwrite(file, piece.at + done, piece.length - done, (off_t)(at + done));
        ok = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0) done += (size_t)n;
    }
    if (!ok) (void)err_set(err, ERR_IO, "the file cannot be written beside the database: %s", strerror(errno));
    if (file >= 0) (void)close(file);
    return ok;
}

/* Under the mutex. */
static bool put(struct kept *kept, uint64_t at, struct text piece, struct err *err)
{
    struct upload *upload = &kept->upload;
    if (upload->is_imported) return err_set(err, ERR_REFUSED, "%s was imported already", kept->name);
    if (at > upload->bytes || piece.length > upload->bytes - at)
        return err_set(err, ERR_REFUSED, "%s was said to have %" PRIu64 " bytes, and more came: send it again from "
                       "its start", kept->name, upload->bytes);
    if (at + piece.length <= upload->received) return true;     /* its answer was lost */
    if (at != upload->received)
        return err_set(err, ERR_REFUSED, "%" PRIu64 " bytes of %s came: what follows them is next",
                       upload->received, kept->name);
    if (!write_piece(kept->path, at, piece, err)) return false;
    upload->received += piece.length;
    return true;
}

bool uploads_put(struct uploads *uploads, int64_t id, uint64_t at, struct text piece, uint64_t *ret_received,
                 struct err *err)
{
    pthread_mutex_lock(&uploads->mutex);
    struct kept *kept = find(uploads, id, err);
    bool ok = kept && put(kept, at, piece, err);
    if (ok) *ret_received = kept->upload.received;
    pthread_mutex_unlock(&uploads->mutex);
    return ok;
}

/* ---- asked ---- */

/* Under the mutex. */
static struct upload told(const struct kept *kept, struct arena *arena)
{
    struct upload upload = kept->upload;
    upload.name = arena_copy(arena, kept->name), upload.who = arena_copy(arena, kept->who);
    upload.path = arena_copy(arena, kept->path);
    return upload;
}

bool uploads_get(struct uploads *uploads, int64_t id, struct arena *arena, struct upload *ret_upload,
                 struct err *err)
{
    pthread_mutex_lock(&uploads->mutex);
    const struct kept *kept = find(uploads, id, err);
    if (kept) *ret_upload = told(kept, arena);
    pthread_mutex_unlock(&uploads->mutex);
    return kept != NULL;
}

void uploads_all(struct uploads *uploads, struct arena *arena, struct upload **ret_uploads, size_t *ret_n)
{
    *ret_uploads = ARENA_ARRAY(arena, struct upload, UPLOADS_MOST);
    *ret_n = 0;
    pthread_mutex_lock(&uploads->mutex);
    for (size_t i = uploads->n; i-- > 0;) (*ret_uploads)[(*ret_n)++] = told(&uploads->kept[i], arena);
    pthread_mutex_unlock(&uploads->mutex);
}

bool uploads_remove(struct uploads *uploads, int64_t id, struct err *err)
{
    pthread_mutex_lock(&uploads->mutex);
    const struct kept *kept = find(uploads, id, err);
    if (kept) drop(uploads, (size_t)(kept - uploads->kept));
    pthread_mutex_unlock(&uploads->mutex);
    return kept != NULL;
}

void uploads_note_jobs(struct uploads *uploads, int64_t id, int64_t look_job, int64_t import_job)
{
    struct err ignored;
    pthread_mutex_lock(&uploads->mutex);
    struct kept *kept = find(uploads, id, &ignored);
    if (kept && look_job) kept->upload.look_job = look_job;
    if (kept && import_job) kept->upload.import_job = import_job;
    pthread_mutex_unlock(&uploads->mutex);
}

void uploads_note_imported(struct uploads *uploads, int64_t id)
{
    struct err ignored;
    pthread_mutex_lock(&uploads->mutex);
    struct kept *kept = find(uploads, id, &ignored);
    if (kept) {
        (void)unlink(kept->path);
        kept->upload.is_imported = true;
    }
    pthread_mutex_unlock(&uploads->mutex);
}
