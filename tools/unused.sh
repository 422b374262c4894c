#!/bin/sh
# unused.sh BUILD - fails if a function or table of src/ that other files may use is used by none: not by src/, the tests or
# a bench.  What only its own file uses is static there.  Looks into the objects of BUILD (build/debug).
cd "$(dirname "$0")/.." || exit 1
build=$1
objects=$(printf '%s\n' src/*/*.c | sed "s|^|$build/|; s|c$|o|")
# Three stand in the place of a library's own.
spared=' main MHD_create_response_from_buffer epoll_wait gnutls_deinit '
unused=$({ nm -A -g --defined-only $objects | sed -n 's|^\([^:]*\):.* [TDBR] \(.*\)|has \2 \1|p'
           nm -A -u $objects "$build/sql.o" | sed -n 's|.* U \(.*\)|uses \1|p'; } |
    awk -v spared="$spared" '$1 == "has" { file[$2] = $3 } $1 == "uses" { used[$2] = 1 }
        END { for (name in file)
                  if (!(name in used) && name !~ /^_/ && !index(spared, " " name " ")) print file[name], name }' |
    while read -r object name; do
        grep -qw "$name" bench/*.[ch] tests/*.[ch] tests/*/*.[ch] && continue
        object=${object#"$build"/}
        echo "${object%.o}.c: nothing else uses $name"
    done | sort)
[ -z "$unused" ] || { echo "$unused"; exit 1; }
