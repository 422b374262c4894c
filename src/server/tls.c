/* tls.c - see tls.h; the only file that includes GnuTLS. */
#include "server/tls.h"
#include "server/http_library.h"
#include "base/input.h"

#include <assert.h>
#include <dlfcn.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>

bool tls_read_pem(const char *path, struct arena *arena, char **ret_pem, struct err *err)
{
    struct input *input;
    if (!input_open(path, NULL, &input, err)) return false;
    size_t length = (size_t)input_bytes(input);
    bool ok = length < 1 << 20 || err_set(err, ERR_INVALID, "%s: too large for a certificate or key", path);
    *ret_pem = arena_alloc(arena, ok ? length + 1 : 1, 1);
    ok = ok && input_read(input, 0, *ret_pem, length, err);
    input_close(input);
    return ok;
}

int64_t tls_ends_ms(char *pem)
{
    const gnutls_datum_t text = { (unsigned char *)pem, (unsigned)strlen(pem) };
    gnutls_x509_crt_t certificate;
    if (gnutls_x509_crt_init(&certificate) < 0) return INT64_MAX;
    bool ok = gnutls_x509_crt_import(certificate, &text, GNUTLS_X509_FMT_PEM) >= 0;
    int64_t end_ms = ok ? (int64_t)gnutls_x509_crt_get_expiration_time(certificate) * 1000 : INT64_MAX;
    gnutls_x509_crt_deinit(certificate);
    return end_ms;
}

void tls_send(int socket, void *session, const char *bytes, size_t n)
{
    if (session) (void)gnutls_record_send(session, bytes, n);
    else (void)send(socket, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- Sessions that are kept ---- */

static _Thread_local gnutls_session_t kept;

static void end_session(gnutls_session_t session)
{
    void (*end)(gnutls_session_t);
    void *found = dlsym(RTLD_NEXT, "gnutls_deinit");
    assert(found);
    memcpy(&end, &found, sizeof end);
    end(session);
}

/* Ours in the whole process, as those of http_library.h are. */
void gnutls_deinit(gnutls_session_t session)
{
    if (!http_library_left()) { end_session(session); return; }
    tls_end_kept();
    kept = session;
}

void *tls_kept(void) { return kept; }

void tls_end_kept(void)
{
    if (!kept) return;
    (void)gnutls_bye(kept, GNUTLS_SHUT_WR);
    end_session(kept);
    kept = NULL;
}
