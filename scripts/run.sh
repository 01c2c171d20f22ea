#!/bin/sh
# Under every npm script: gets ready what the command needs, then becomes the command, so that signals reach it.
set -eu
unset CDPATH
cd -- "$(dirname -- "$0")/.."
command=$1
shift

NODE=$("${npm_node_execpath:-node}" scripts/bootstrap.mjs "$command") || exit
PATH=$(dirname -- "$NODE"):$PATH
export PATH

case $command in
start)
  NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/node}
  export NODE_COMPILE_CACHE
  # Garbage is collected in small steps: less memory when idle, and buffers of passing data, which live outside the heap,
  # go with each step instead of gathering to 64 MB. Old garbage is looked for in one go, and seldom: docs/adr, 24.
  exec "$NODE" --max-semi-space-size=1 --no-incremental-marking --expose-gc dist/service.js "$@"
  ;;
demo) exec "$NODE" --enable-source-maps dist/apps/demo/src/main.js "$@" ;;
test) exec "$NODE" node_modules/jest/bin/jest.js "$@" ;;
unit)
  exec "$NODE" node_modules/jest/bin/jest.js --selectProjects unit "$@" --runTestsByPath $("$NODE" scripts/unit-tests.mjs)
  ;;
times)
  # What each file took, and the starts of servers, services and browsers, are printed at the end.
  TEST_TIMES=$(mktemp)
  export TEST_TIMES
  trap 'rm -f "$TEST_TIMES"' EXIT
  "$NODE" node_modules/jest/bin/jest.js "$@" --reporters default --reporters ./test/support/times-reporter.cjs
  exit
  ;;
dev) exec "$NODE" scripts/dev.mjs ;;
fetch) exec "$NODE" scripts/fetch-engine.mjs "$@" ;;
engines | regression)
  # What is installed is a project, too.
  projects=$("$NODE" -p "require('./scripts/engines/table.json').map((engine) => engine.name).join(' ')")
  ENGINES=full
  if [ "$command" = regression ]; then
    ENGINES=regression
    projects=$(printf '%s\n' $projects | grep '^postgresql')
    # Each takes some minutes of both processors.
    set -- --maxWorkers 1 "$@"
  fi
  export ENGINES
  exec "$NODE" node_modules/jest/bin/jest.js "$@" --selectProjects $projects installed
  ;;
bench) exec "$NODE" --enable-source-maps --import ./test/bench/built-libs.mjs test/bench/main.ts "$@" ;;
kill) exec "$NODE" --enable-source-maps --import ./test/bench/built-libs.mjs test/kill/main.ts "$@" ;;
network) exec "$NODE" --enable-source-maps --import ./test/bench/built-libs.mjs test/network/main.ts "$@" ;;
soak) exec "$NODE" --enable-source-maps --import ./test/bench/built-libs.mjs test/soak/main.ts "$@" ;;
screenshots) exec "$NODE" --enable-source-maps --import ./test/bench/built-libs.mjs test/screenshots/main.ts "$@" ;;
lint) exec "$NODE" scripts/lint.mjs "$@" ;;
openapi) exec "$NODE" scripts/openapi.mjs ;;
format) exec "$NODE" node_modules/prettier/bin/prettier.cjs --write . ;;
build) ;;
esac
