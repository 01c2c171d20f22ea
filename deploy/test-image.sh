#!/bin/bash
# Proves the Dockerfile where no Docker engine runs: as root on Debian, with debootstrap, overlayfs, npm, and a Node of
# the base image's major version (PATH or PROVE_NODE=/path/to/node). Takes two to five minutes and leaves nothing behind.
#
#   sudo deploy/test-image.sh
#
# It reads the Dockerfile, .dockerignore and compose.yaml themselves, so that it cannot drift from them:
#   1. every stage is an overlay on a fresh Debian with Node in /usr/local; RUN, COPY, ENV, WORKDIR, USER and ARG are
#      carried out, the build context is what .dockerignore leaves of this checkout, any other instruction is refused;
#   2. compose.yaml is read by Debian's docker compose, and the service gets the environment, the volumes, the tmpfs and
#      the read-only root that stand there;
#   3. the ENTRYPOINT runs as process 1 of a container of namespaces: the image's user, no capabilities, no new
#      privileges, a network with nothing in it but PostgreSQL 17 and MariaDB 11.8 under their names of compose.yaml;
#   4. the dashboard answers, with all its files;
#   5. over its REST API: connect, back up, verify by a restore, list, damage, restore, undo, status, users, for both
#      engines; then the HEALTHCHECK;
#      then SIGTERM while idle and SIGTERM during a backup: exit 0, no partial file, no secret file, no client left.
#
# What it cannot show: that the base image on the registry is like the imitation made here (same Debian release, same
# major version of Node, user `node` as 1000); Docker's own part, which is layers, publishing the port, making volumes,
# DNS between services, seccomp and AppArmor profiles, secrets, timing of health checks; the start scripts of the postgres and
# mariadb images (the servers here are Debian's, prepared as those scripts prepare them); other architectures.

set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "test-image: $*" >&2
  exit 1
}

say() { echo "==> $*"; }

# --- Outside: a private place that vanishes whatever happens ---------------------------------------------------------

if [ "${PROVE_IMAGE_INSIDE:-}" = '' ]; then
  [ "$(id -u)" = 0 ] || fail 'must run as root: debootstrap, chroot and namespaces need it'
  for program in debootstrap unshare chroot git curl ip npm; do
    command -v "$program" > /dev/null || fail "$program is missing: apt-get install debootstrap util-linux git curl iproute2 npm"
  done
  work=$(mktemp -d -t test-image.XXXXXX)
  inside=''
  # shellcheck disable=SC2317 # called by the trap
  clean_up() {
    trap '' INT TERM
    # The first process of the namespaces dies with unshare, every other one with the first, every mount with the last.
    if [ "$inside" != '' ]; then kill -KILL "$inside" 2> /dev/null || true; fi
    wait 2> /dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      rm -rf --one-file-system "$work" 2> /dev/null && break
      sleep 0.5
    done
    [ ! -e "$work" ] || echo "test-image: could not remove $work" >&2
  }
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  PROVE_IMAGE_INSIDE=$work unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@" &
  inside=$!
  status=0
  wait "$inside" || status=$?
  inside=''
  exit "$status"
fi

work=$PROVE_IMAGE_INSIDE
# What ends the script without a word of its own says at least where.
set -o errtrace
trap 'echo "test-image: line $LINENO ended with $?" >&2' ERR
logs=$work/logs
mkdir -p "$logs"

# --- The base image, imitated ----------------------------------------------------------------------------------------

# Runs a command in a root directory with nothing of this machine's environment but what reaching the package
# registries takes here.
in_root() {
  local root=$1
  shift
  chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    DEBIAN_FRONTEND=noninteractive "${registry_access[@]}" "$@"
}

registry_access=()

# Sets `node`.
find_node() {
  local major=$1
  for node in "${PROVE_NODE:-}" "$(command -v node || true)" \
    "$repository"/.toolchain/node_modules/node-linux-*/bin/node; do
    [ -x "$node" ] || continue
    case $("$node" --version) in "v$major".*) return ;; esac
  done
  fail "no Node $major here: put one in PATH or give PROVE_NODE=/path/to/node"
}

# From `node:24-trixie-slim`: Debian trixie, Node 24 and npm in /usr/local, user `node` with the number 1000.
imitate_base_image() {
  local image=$1 major suite
  [[ $image =~ ^node:([0-9]+)(\.[0-9.]+)?-([a-z]+)-slim$ ]] || fail "do not know how to imitate the image $image"
  major=${BASH_REMATCH[1]} suite=${BASH_REMATCH[3]}
  find_node "$major"
  say "base: Debian $suite with Node $("$node" --version), in place of $image"
  mkdir -p "$work/base"
  debootstrap --variant=minbase "$suite" "$work/base" > "$logs/debootstrap" 2>&1 ||
    { tail -n 5 "$logs/debootstrap" >&2; fail 'debootstrap failed'; }
  # Debian's images take security updates too; the archive stands beside the main one.
  sed -i "s|^deb \(http[^ ]*/debian\)/* $suite main.*|&\ndeb \1-security $suite-security main|" \
    "$work/base/etc/apt/sources.list"
  cp --remove-destination /etc/resolv.conf "$work/base/etc/resolv.conf"
  install -m 755 "$node" "$work/base/usr/local/bin/node"
  mkdir -p "$work/base/usr/local/lib/node_modules"
  cp -a "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$work/base/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
  in_root "$work/base" useradd --uid 1000 --user-group --create-home --shell /bin/bash node
  # Packages that start servers must not start them here.
  printf '#!/bin/sh\nexit 101\n' > "$work/base/usr/sbin/policy-rc.d"
  chmod 755 "$work/base/usr/sbin/policy-rc.d"
  printf 'force-unsafe-io\n' > "$work/base/etc/dpkg/dpkg.cfg.d/test-image"
  if [ "${NODE_EXTRA_CA_CERTS:-}" != '' ] && [ -r "$NODE_EXTRA_CA_CERTS" ]; then
    registry_access=(NODE_EXTRA_CA_CERTS=/tmp/registry-ca.pem)
  fi
}

# open_root NAME LOWER: a writable overlay, in $work/roots/NAME/merged.
open_root() {
  local root=$work/roots/$1
  mkdir -p "$root"/{upper,work,merged}
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$root/upper,workdir=$root/work" "$root/merged"
  mount -t proc proc "$root/merged/proc"
  mount --rbind /dev "$root/merged/dev"
  mount -t tmpfs tmpfs "$root/merged/tmp"
  if [ "${#registry_access[@]}" -gt 0 ]; then cp "$NODE_EXTRA_CA_CERTS" "$root/merged/tmp/registry-ca.pem"; fi
}

# Leaves what an image would be: files and nothing else.
close_root() {
  local root=$work/roots/$1/merged
  umount "$root/tmp" "$root/proc"
  umount --recursive --lazy "$root/dev"
}

# --- The Dockerfile, carried out -------------------------------------------------------------------------------------

# One instruction a line: comments out, continued lines joined.
dockerfile_instructions() {
  awk '/^[ \t]*#/ { next }
    { more = sub(/\\[ \t]*$/, ""); sub(/^[ \t]+/, ""); line = line (line == "" ? "" : " ") $0 }
    !more { if (line != "") print line; line = "" }' "$repository/Dockerfile"
}

# The files that Docker would send to the build. .dockerignore keeps to patterns that git reads alike.
make_context() {
  mkdir -p "$work/context"
  (
    cd "$repository"
    comm -z -23 <(git ls-files -z --cached | sort -z) \
      <(git ls-files -z --cached --ignored --exclude-from=.dockerignore | sort -z)
    git ls-files -z --others --exclude-from=.dockerignore
  ) | while IFS= read -r -d '' file; do
    if [ -e "$repository/$file" ]; then printf '%s\0' "$file"; fi
  done | (cd "$repository" && xargs -0 cp --parents --target-directory="$work/context")
}

declare -A stage_layers=() environment=() arguments=()
stage='' user='' directory='/' entrypoint='' healthcheck='' volumes='' stop_signal=''

# `A=1 B="two words"`: one assignment a line.
assignments() { xargs -n 1 printf '%s\n' <<< "$1"; }

# The words of a JSON array, each ended by NUL.
json_words() { "$node" -e 'for (const word of JSON.parse(process.argv[1])) process.stdout.write(word + "\0")' -- "$1"; }

from_instruction() {
  local image name
  [[ $1 =~ ^([^ ]+)\ AS\ ([a-z]+)$ ]] || fail "FROM $1 is not understood"
  image=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
  if [ "$stage" != '' ]; then close_root "$stage"; fi
  local lower=${stage_layers[$image]:-}
  if [ "$lower" = '' ]; then
    [ ! -e "$work/base" ] || fail "a second base image, $image, is not provided for"
    imitate_base_image "$image"
    lower=$work/base
  fi
  say "stage $name"
  stage=$name user='' directory='/' entrypoint='' healthcheck='' volumes='' stop_signal=''
  environment=([PATH]=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin) arguments=()
  open_root "$name" "$lower"
  stage_layers[$name]=$work/roots/$name/upper:$lower
}

run_instruction() {
  local name given=()
  for name in "${!arguments[@]}"; do given+=("$name=${arguments[$name]}"); done
  for name in "${!environment[@]}"; do given+=("$name=${environment[$name]}"); done
  [ "$user" = '' ] || fail 'RUN after USER is not provided for'
  say "  RUN ${1:0:90}"
  in_root "$work/roots/$stage/merged" env --chdir="$directory" "${given[@]}" sh -c "$1" > "$logs/run" 2>&1 ||
    { tail -n 30 "$logs/run" >&2; fail "stage $stage: RUN $1"; }
}

copy_instruction() {
  local words=() from=$work/context target source
  read -r -a words <<< "$1"
  if [[ ${words[0]} == --from=* ]]; then
    from=$work/roots/${words[0]#--from=}/merged
    words=("${words[@]:1}")
  fi
  [[ ${words[0]} != --* ]] || fail "COPY ${words[0]} is not understood"
  target=${words[-1]}
  unset 'words[-1]'
  [[ $target == /* ]] || target=$directory/$target
  target=$work/roots/$stage/merged$target
  for source in "${words[@]}"; do
    source=$from/$source
    [ -e "$source" ] || fail "stage $stage: COPY $1: ${source#"$work"} is missing; does .dockerignore keep it out?"
    # Docker copies the contents of a folder and makes everything root's.
    if [ -d "$source" ]; then
      mkdir -p "$target"
      source=$source/.
    fi
    cp --recursive --no-dereference --preserve=mode,timestamps,links "$source" "$target"
  done
}

workdir_instruction() {
  if [[ $1 == /* ]]; then directory=$1; else directory=$directory/$1; fi
  mkdir -p "$work/roots/$stage/merged$directory"
}

build_image() {
  local instruction rest assignment
  while read -r instruction rest <&3; do
    case $instruction in
      FROM) from_instruction "$rest" ;;
      RUN) run_instruction "$rest" ;;
      COPY) copy_instruction "$rest" ;;
      WORKDIR) workdir_instruction "$rest" ;;
      ENV) while read -r assignment; do environment[${assignment%%=*}]=${assignment#*=}; done < <(assignments "$rest") ;;
      ARG) arguments[${rest%%=*}]=${rest#*=} ;;
      LABEL) assignments "$rest" > /dev/null ;;
      USER) user=$rest ;;
      VOLUME) volumes=$rest ;;
      HEALTHCHECK) healthcheck=${rest#*CMD } ;;
      ENTRYPOINT) entrypoint=$rest ;;
      STOPSIGNAL) stop_signal=$rest ;;
      EXPOSE) ;;
      *) fail "the instruction $instruction is not understood" ;;
    esac
  done 3< <(dockerfile_instructions)
  close_root "$stage"
  [[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the image's user is '$user', not two numbers other than 0"
}

# --- compose.yaml, read by docker compose ----------------------------------------------------------------------------

# compose_value FILE EXPRESSION: of the project as docker compose understands it, as NUL-ended words.
compose_value() {
  "$node" -e 'const project = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const value = new Function("project", "return " + process.argv[2])(project);
    for (const word of [value].flat()) process.stdout.write(word + "\0")' -- "$1" "$2"
}

compose_word() { compose_value "$@" | tr -d '\0'; }

# The servers that compose.yaml asks for, in Debian's packages, and docker compose to read compose.yaml with.
prepare_servers() {
  say 'servers: PostgreSQL, MariaDB and docker compose'
  open_root servers "$work/base"
  local root=$work/roots/servers/merged
  mkdir -p "$root/etc/postgresql-common" "$root/mnt/project"
  echo 'create_main_cluster = false' > "$root/etc/postgresql-common/createcluster.conf"
  in_root "$root" sh -c 'apt-get update && apt-get install --yes --no-install-recommends \
    docker-compose postgresql-17 mariadb-server' > "$logs/servers" 2>&1 ||
    { tail -n 20 "$logs/servers" >&2; fail 'the servers cannot be installed'; }
  mount --bind -o ro "$repository" "$root/mnt/project"
  local compose=(in_root "$root" env --chdir=/mnt/project docker-compose)
  "${compose[@]}" --file compose.yaml config --format json > "$work/plain.json"
  "${compose[@]}" --file compose.yaml --file deploy/compose.password.yaml config --format json > "$work/password.json"
  umount "$root/mnt/project"
  say "  compose.yaml and deploy/compose.password.yaml are valid: $("${compose[@]}" version --short 2> /dev/null || true)"
  [[ $(compose_word "$work/plain.json" 'project.services.postgres.image') == postgres:17* ]] ||
    fail 'compose.yaml asks for another PostgreSQL than the 17 that this script installs'
  local mariadb
  mariadb=$(compose_word "$work/plain.json" 'project.services.mariadb.image.split(":")[1]')
  in_root "$root" mariadbd --version | grep -q "Ver $mariadb" ||
    fail "compose.yaml asks for MariaDB $mariadb, Debian has $(in_root "$root" mariadbd --version)"
}

# --- The container ---------------------------------------------------------------------------------------------------

in_network() { nsenter --net="/proc/$network/ns/net" "$@"; }

# until_true SECONDS WHAT COMMAND...
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { tail -n 20 "$logs"/{service,postgres,mariadb} >&2 2> /dev/null; fail "gave up waiting: $what"; }
    sleep 0.2
  done
}

open_network() {
  unshare --net sleep infinity &
  network=$!
  until_true 5 'network' test "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$network/ns/net")"
  in_network ip link set lo up
}

start_servers() {
  local root=$work/roots/servers/merged
  say 'start: PostgreSQL and MariaDB with the sample credentials of compose.yaml'
  postgres_user=$(compose_word "$work/plain.json" 'project.services.postgres.environment.POSTGRES_USER')
  postgres_password=$(compose_word "$work/plain.json" 'project.services.postgres.environment.POSTGRES_PASSWORD')
  postgres_database=$(compose_word "$work/plain.json" 'project.services.postgres.environment.POSTGRES_DB')
  mariadb_user=$(compose_word "$work/plain.json" 'project.services.mariadb.environment.MARIADB_USER')
  mariadb_password=$(compose_word "$work/plain.json" 'project.services.mariadb.environment.MARIADB_PASSWORD')
  mariadb_root_password=$(compose_word "$work/plain.json" 'project.services.mariadb.environment.MARIADB_ROOT_PASSWORD')
  mariadb_database=$(compose_word "$work/plain.json" 'project.services.mariadb.environment.MARIADB_DATABASE')

  install --owner=0 --mode=0644 /dev/stdin "$root/tmp/postgres-password" <<< "$postgres_password"
  as_server postgres /usr/lib/postgresql/17/bin/initdb --pgdata=/var/lib/postgresql/data --username="$postgres_user" \
    --pwfile=/tmp/postgres-password --auth=trust --auth-host=scram-sha-256 --no-sync > "$logs/postgres" 2>&1
  in_network chroot --userspec=postgres "$root" /usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/data \
    -c listen_addresses=127.0.0.2 -c unix_socket_directories=/tmp -c fsync=off >> "$logs/postgres" 2>&1 &
  mkdir -p "$root/run/mysqld" && chroot "$root" chown mysql: /run/mysqld
  cat > "$root/tmp/mariadb.sql" << SQL
CREATE DATABASE \`$mariadb_database\`;
CREATE USER '$mariadb_user'@'%' IDENTIFIED BY '$mariadb_password';
GRANT ALL ON \`$mariadb_database\`.* TO '$mariadb_user'@'%';
CREATE USER 'root'@'%' IDENTIFIED BY '$mariadb_root_password';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
$(grep -v '^--' "$repository/deploy/mariadb-copies.sql")
SQL
  in_network chroot "$root" mariadbd --user=mysql --bind-address=127.0.0.3 --init-file=/tmp/mariadb.sql \
    > "$logs/mariadb" 2>&1 &
  until_true 60 'PostgreSQL' postgres_sql 'select 1' postgres
  until_true 60 'MariaDB' mariadb_sql 'select 1'
  postgres_sql "create database \"$postgres_database\"" postgres
}

as_server() { in_network chroot --userspec="$1" "$work/roots/servers/merged" env -i "${@:2}"; }

postgres_sql() {
  as_server postgres psql --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 --host=/tmp \
    --username="$postgres_user" --dbname="${2:-$postgres_database}" --command="$1"
}

mariadb_sql() { as_server root:root mariadb --batch --skip-column-names --execute="$1" "$mariadb_database"; }

# What `docker compose up` would make of image and compose.yaml: a read-only root, volumes, tmpfs, a few devices.
prepare_container() {
  local root=$work/roots/$stage/merged device volume target options
  local image_volumes compose_volumes
  image_volumes=$(json_words "$volumes" | sort -z | tr '\0' ' ')
  compose_volumes=$(compose_value "$work/plain.json" 'project.services.backup.volumes.map((v) => v.target).sort()' | tr '\0' ' ')
  [ "$image_volumes" = "$compose_volumes" ] || fail "volumes differ: image $image_volumes, compose.yaml $compose_volumes"
  for volume in $image_volumes; do
    mkdir -p "$work/volumes$volume"
    # A new volume begins as a copy of what the image has there.
    cp -aT "$root$volume" "$work/volumes$volume"
    mount --bind "$work/volumes$volume" "$root$volume"
  done
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom; do cp -a "/dev/$device" "$root/dev/$device"; done
  mkdir "$root/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  while IFS= read -r -d '' target; do
    options=${target#*:}
    mount -t tmpfs -o "$options" tmpfs "$root${target%%:*}"
  done < <(compose_value "$work/plain.json" 'project.services.backup.tmpfs')
  printf '127.0.0.1 localhost\n127.0.0.2 postgres\n127.0.0.3 mariadb\n' > "$root/etc/hosts"
  mkdir -p "$root/run/secrets"
  install --owner="${user%%:*}" --mode=0400 /dev/stdin "$root/run/secrets/admin_password" <<< 'a password of the proof'
  [ "$(compose_word "$work/plain.json" 'project.services.backup.read_only')" = true ] || fail 'compose.yaml: read_only is gone'
  # The overlay becomes read only; the mounts on it keep what they are.
  mount -o remount,ro "$root"
}

# Prints the words that run a command as the container's process does. COMPOSE_JSON may be /dev/null: the bare image.
confined() {
  local json=$1 name
  printf '%s\0' setpriv "--reuid=${user%%:*}" "--regid=${user##*:}" --clear-groups --inh-caps=-all --ambient-caps=-all \
    --bounding-set=-all --no-new-privs env -i "--chdir=$directory" HOME=/home/node HOSTNAME=proof
  for name in "${!environment[@]}"; do printf '%s\0' "$name=${environment[$name]}"; done
  if [ "$json" != /dev/null ]; then
    # shellcheck disable=SC2016 # for Node
    compose_value "$json" 'Object.entries(project.services.backup.environment).map(([k, v]) => `${k}=${v ?? ""}`)'
  fi
}

# start_container COMPOSE_JSON [NAME=VALUE...]: the ENTRYPOINT as process 1. Sets `container` (whom to wait for) and
# `main` (process 1, as seen from here).
start_container() {
  local words=() command=()
  mapfile -d '' -t words < <(confined "$1")
  mapfile -d '' -t command < <(json_words "$entrypoint")
  # shellcheck disable=SC2016 # for the shell inside
  nsenter --net="/proc/$network/ns/net" unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh \
    "$work/roots/$stage/merged" "${words[@]}" "${@:2}" "${command[@]}" > "$logs/service" 2>&1 &
  container=$!
}

process_1() { cat "/proc/$container/task/$container/children"; }

ready_or_ended() {
  ! kill -0 "$container" || in_network curl --fail --silent "$origin/api/health/ready"
}

start_ready_container() {
  start_container "$@"
  until_true 60 'the service to be ready' ready_or_ended
  kill -0 "$container" 2> /dev/null || { cat "$logs/service" >&2; fail 'the service ended instead of starting'; }
  main=$(process_1)
  main=${main// /}
  [ "$(tr '\0' ' ' < "/proc/$main/cmdline")" = "$(json_words "$entrypoint" | tr '\0' ' ')" ] ||
    fail "process 1 is $(tr '\0' ' ' < "/proc/$main/cmdline"), not the entrypoint"
}

run_healthcheck() {
  local words=() command=()
  mapfile -d '' -t words < <(confined "$work/plain.json")
  mapfile -d '' -t command < <(json_words "$healthcheck")
  nsenter --target "$main" --mount --pid --net --root "${words[@]}" "${command[@]}"
}

# stop_container: the image's stop signal, and what has to hold afterwards.
stop_container() {
  local status=0 grace
  grace=$(compose_word "$work/plain.json" 'parseInt(project.services.backup.stop_grace_period)')
  kill -s "${stop_signal#SIG}" "$main"
  (sleep "$grace" && echo "test-image: not ended after $grace s, killed as Docker would" >&2 && kill -KILL "$main") 2> "$logs/killer" &
  local killer=$!
  wait "$container" || status=$?
  kill "$killer" 2> /dev/null || true
  [ "$status" = 0 ] || { tail -n 20 "$logs/service" >&2; fail "$stop_signal: exit status $status"; }
  local left
  left=$(find "$work/volumes" -name '*.partial*' -o -path '*/runtime/*' -not -type d)
  [ "$left" = '' ] || fail "left behind: $left"
  until_true 10 'clients to be gone from PostgreSQL' no_clients
}

no_clients() {
  [ "$(postgres_sql "select count(*) from pg_stat_activity where client_addr is not null" postgres)" = 0 ]
}

# --- What the service has to do there ----------------------------------------------------------------------------------

origin=http://localhost:5002

# call EXPECTED_STATUS EXPECTED_TEXT METHOD PATH [BODY [CURL OPTION...]]. Sets `answer`.
call() {
  local status=$1 text=$2 method=$3 path=$4 body=${5:-}
  local options=("${@:6}")
  if [ "$body" != '' ]; then options+=(--header 'Content-Type: application/json' --data "$body"); fi
  answer=$(in_network curl --silent --max-time 120 --write-out '\n%{http_code}' --request "$method" "${options[@]}" "$origin$path")
  if [ "${answer##*$'\n'}" != "$status" ] || [[ $answer != *"$text"* ]]; then
    tail -n 5 "$logs/service" >&2
    fail "$method $path $body: wanted $status with '$text', got: $answer"
  fi
  echo "    $method $path: ${answer:0:150}" | head -1
}

json_field() { "$node" -p 'JSON.parse(process.argv[1])'"$2" -- "${1%$'\n'*}"; }

# test_engine LABEL CONNECT_BODY SQL_FUNCTION
test_engine() {
  local label=$1 connect=$2 sql=$3 path id before
  say "$label: connect, back up, damage, restore"
  "$sql" 'create table orders (id int primary key, note varchar(100))'
  "$sql" "insert into orders values (1, 'first'), (2, 'Grüße'), (3, null)"
  before=$("$sql" 'select * from orders order by id')
  call 200 '"Connection successful."' POST /api/connect "$connect"
  call 200 'Backup created successfully at ./backups/' POST /api/backup '{"backup_location":"./backups","verification":"restored"}'
  id=$(json_field "$answer" '.backup.id')
  path=$(json_field "$answer" '.message.replace(/^.* at /, "")')
  [ -s "$work/volumes/app/$path" ] || fail "the volume does not have $path"
  call 200 "$path" GET '/api/backups?backup_location=./backups'
  call 200 '"level":"restored"' GET "/api/backups/$id"
  "$sql" 'drop table orders'
  call 200 "Restore successful from $path" POST /api/restore "{\"backup_file_path\":\"$path\"}"
  [ "$("$sql" 'select * from orders order by id')" = "$before" ] || fail "$label: the restored rows differ"
  [ "$(json_field "$answer" '.restore.strategy')" = swap ] || fail "$label: not swapped in: $answer"
  call 200 'Restore undone' POST "/api/restores/$(json_field "$answer" '.restore.id')/undo"
  ! "$sql" 'select 1 from orders' 2> /dev/null || fail "$label: the restore was not undone"
  call 200 'Undoing undone' POST "/api/restores/$(json_field "$answer" '.restore.id')/undo"
  [ "$("$sql" 'select * from orders order by id')" = "$before" ] || fail "$label: the undone rows differ"
  call 200 '"connected":true' GET /api/status
}

test_refusal() {
  say 'without a password or AUTH_DISABLED the image does not start'
  start_container /dev/null
  local status=0
  wait "$container" || status=$?
  if [ "$status" = 0 ] || ! grep -q ADMIN_PASSWORD "$logs/service"; then
    cat "$logs/service" >&2
    fail "it ended with $status and did not say what to set"
  fi
}

test_password() {
  say 'deploy/compose.password.yaml: the password is wanted, except for health'
  start_ready_container "$work/password.json"
  call 401 '"success":false' GET /api/status
  call 200 '"connected"' GET /api/status '' --user 'admin:a password of the proof'
  run_healthcheck || fail 'HEALTHCHECK fails'
  stop_container
}

# Its page, and every file that the page names.
test_dashboard() {
  local file
  say 'the dashboard'
  call 200 'Content-Type: text/html' GET / '' --include
  call 200 '<div id="root">' GET /backups
  call 200 'src="/assets/' GET /
  for file in $(grep --only-matching '"/[^"]*\.[a-z]*"' <<< "$answer" | tr -d '"'); do
    call 200 '' GET "$file" '' --output /dev/null
  done
}

test_service() {
  start_ready_container "$work/plain.json"
  test_dashboard
  say 'tools and health'
  call 200 '"mysqldump_path":"/usr/bin/' POST /api/tools/detect '{}'
  run_healthcheck || fail 'HEALTHCHECK fails'
  test_engine PostgreSQL "{\"db_type\":\"PostgreSQL\",\"host\":\"postgres\",\"port\":\"5432\",\"database\":\"$postgres_database\",\"username\":\"$postgres_user\",\"password\":\"$postgres_password\"}" postgres_sql
  call 200 "Users listed successfully." GET /api/users
  test_engine MariaDB "{\"db_type\":\"MySQL\",\"host\":\"mariadb\",\"port\":\"3306\",\"database\":\"$mariadb_database\",\"username\":\"$mariadb_user\",\"password\":\"$mariadb_password\"}" mariadb_sql
  say "$stop_signal while idle; the next container on the same volumes reconnects"
  stop_container
  start_ready_container "$work/plain.json"
  call 200 '"db_type":"MySQL"' GET /api/status
  stop_container
}

waiting_dump() {
  pgrep -x pg_dump && [ "$(postgres_sql "select count(*) from pg_stat_activity
    where application_name <> 'psql' and wait_event_type = 'Lock'" postgres)" = 1 ]
}

test_stop_during_backup() {
  say "$stop_signal while pg_dump waits for a lock: cancelled after the grace, nothing left"
  start_ready_container "$work/plain.json" SHUTDOWN_GRACE_SECONDS=2
  call 200 '"Connection successful."' POST /api/connect "{\"db_type\":\"PostgreSQL\",\"host\":\"postgres\",\"port\":\"5432\",\"database\":\"$postgres_database\",\"username\":\"$postgres_user\",\"password\":\"$postgres_password\"}"
  # A table's lock would already stop the service's own checks; the values of a sequence only pg_dump reads.
  postgres_sql 'create sequence tickets'
  postgres_sql 'begin; drop sequence tickets; select pg_sleep(60)' > /dev/null 2>&1 &
  in_network curl --silent --request POST --header 'Content-Type: application/json' --data '{"backup_name":"cancelled"}' \
    "$origin/api/backup" > "$logs/cancelled" 2>&1 &
  until_true 30 'pg_dump to wait' waiting_dump
  stop_container
  [ "$(find "$work/volumes" -name 'cancelled*')" = '' ] || fail 'the cancelled backup left a file'
}

make_context
build_image
say "image: $(du -sh --exclude=proc "$work/roots/$stage/upper" | cut -f1) on the base, $(in_root "$work/roots/$stage/merged" sh -c 'pg_dump --version; mariadb-dump --version' | tr '\n' ' ')"
[ "$(in_root "$work/roots/$stage/merged" env TZ=Asia/Tokyo node -p 'new Date(0).getHours()')" = 9 ] || fail 'TZ has no effect'
prepare_servers
prepare_container
open_network
start_servers
test_refusal
test_service
test_password
test_stop_during_backup
say 'passed'
