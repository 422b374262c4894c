# warehouse_servers.sh - sourced by tests: clickhouse-servers on free ports, each in a folder of its own.
# warehouse_start N makes servers 1..N; $server_1 is the address of the first, $server_folder_1 its folder.
# warehouse_up I starts one (again); warehouse_down I stops it; warehouse_kill I kills it; warehouse_stop stops all.
warehouse_folder=$PWD/servers
warehouse_n=0 keeper_pid=
. tests/free_ports.sh

warehouse_write() {   # I http tcp between [more XML]
    folder=$warehouse_folder/$1
    mkdir -p "$folder/data" "$folder/tmp" "$folder/formats" "$folder/log"
    cat >"$folder/users.xml" <<XML
<yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles><users>
<default><password>pwd</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
<holdfast><password>secret</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></holdfast>
</users><quotas><default></default></quotas></yandex>
XML
    cat >"$folder/config.xml" <<XML
<yandex><logger><level>warning</level><log>$folder/log/log</log><errorlog>$folder/log/errors</errorlog></logger>
<http_port>$2</http_port><tcp_port>$3</tcp_port><interserver_http_host>127.0.0.1</interserver_http_host><interserver_http_port>$4</interserver_http_port>
<listen_host>127.0.0.1</listen_host><path>$folder/data/</path><tmp_path>$folder/tmp/</tmp_path>
<format_schema_path>$folder/formats/</format_schema_path><users_config>$folder/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>50000000</mark_cache_size>$5</yandex>
XML
    eval "server_$1=http://127.0.0.1:$2; server_folder_$1=\$folder; server_tcp_$1=$3"
}

warehouse_begin() {
    clickhouse-server --config-file="$2/config.xml" >>"$2/log/out" 2>&1 &
    eval "server_pid_$1=$!"
}
warehouse_up() {
    eval "warehouse_address=\$server_$1; folder=\$server_folder_$1"
    warehouse_begin "$1" "$folder"
    for _ in $(seq 1200); do
        curl -s "$warehouse_address/ping" >/dev/null && return 0
        sleep 0.1
        eval "kill -0 \$server_pid_$1" 2>/dev/null || warehouse_begin "$1" "$folder"   # it may give up while ZooKeeper is away
    done
    echo "server $1 did not start:"
    grep -h '<Error>' "$folder/log/errors" | tail -n 3
    tail -n 5 "$folder/log/out"
    return 1
}

warehouse_end() { eval "pid=\$server_pid_$2"; [ -z "$pid" ] || { kill "-$1" "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; eval "server_pid_$2="; }; }
warehouse_down() { warehouse_end TERM "$1"; }
warehouse_kill() { warehouse_end KILL "$1"; }

warehouse_start() {
    warehouse_n=$1
    ports=$(free_ports $((3 * warehouse_n)))
    for i in $(seq "$warehouse_n"); do
        # shellcheck disable=SC2046
        warehouse_write "$i" $(echo "$ports" | cut -d' ' -f$((3 * i - 2))-$((3 * i))) "${2:-}"
        warehouse_up "$i" || return 1
    done
}

warehouse_stop() { keeper_kill; for i in $(seq "$warehouse_n"); do warehouse_kill "$i"; done; }

# ZooKeeper, for replicated tables: keeper_start, then $keeper_xml is what servers need; keeper_kill, keeper_up.
keeper_is_there() { [ -e /usr/share/java/zookeeper.jar ] && command -v java >/dev/null; }
keeper_up() {       # its jar names what it needs; of the several loggers that may be there it is given one
    java -Xmx128m -Dzookeeper.admin.enableServer=false -Dzookeeper.4lw.commands.whitelist='*' \
        -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar \
        org.apache.zookeeper.server.ZooKeeperServerMain "$keeper_port" "$warehouse_folder/keeper" >>"$warehouse_folder/keeper.log" 2>&1 &
    keeper_pid=$!
    for _ in $(seq 1200); do (exec 3<>"/dev/tcp/127.0.0.1/$keeper_port") 2>/dev/null && return; sleep 0.1; done
    echo "ZooKeeper did not start"; tail -n 5 "$warehouse_folder/keeper.log"
    return 1
}
keeper_kill() { [ -z "$keeper_pid" ] || { kill -9 "$keeper_pid" 2>/dev/null; wait "$keeper_pid" 2>/dev/null; keeper_pid=; }; }
keeper_start() {
    mkdir -p "$warehouse_folder"
    keeper_port=$(free_ports 1)
    keeper_xml="<zookeeper><node><host>127.0.0.1</host><port>$keeper_port</port></node><session_timeout_ms>4000</session_timeout_ms></zookeeper>"
    keeper_up
}

# What a server answers to a statement, asked past Holdfast.
warehouse_ask() { eval "curl -sS -u holdfast:secret \"\$server_$1/\" --data-binary @-"; }
