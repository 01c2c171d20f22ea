/**
 * The shell script that owns a throwaway process. It lives exactly as long as its stdin. When that closes, because the process was
 * stopped or because our process died in any way (SIGKILL included), it ends the process and removes the directory. It also
 * creates the directory, so that there is never one without a supervisor.
 *
 * Its stdin has the lines of the secret file, an empty line, and then nothing until the end.
 */
export function supervisorScript(directory: string, steps: readonly SupervisedStep[]): string {
  return [
    PREAMBLE,
    `directory=${quote(directory)}`,
    OPENING,
    steps.map((step) => `run ${step.stopSignal} ${step.command.map(quote).join(' ')}`).join(' && '),
    CLOSING,
  ].join('\n');
}

/** A command. The steps run one after the other in the directory, each if the one before has succeeded. */
export interface SupervisedStep {
  command: readonly string[];
  /** A signal that surely ends the command. */
  stopSignal: 'TERM' | 'QUIT' | 'KILL';
}

/** The name of the file in the directory that holds the text of stdin. */
export const SECRET_FILE = 'secret';

// PIPE, too: what a dying server writes must not end us when nobody is left to read it.
const PREAMBLE = `
umask 077
trap '' HUP INT PIPE TERM
exec 3<&0 </dev/null 2>&1
run() {
  signal=$1
  shift
  (trap - HUP INT PIPE TERM; exec "$@" 3<&-) &
  child=$!
  (while read -r _ <&3; do :; done; kill -s "$signal" "$child") 2>/dev/null &
  watch=$!
  wait "$child"
  status=$?
  kill -s KILL "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  return "$status"
}`;

const OPENING = `
mkdir "$directory" && cd "$directory" || exit
while read -r line <&3 && [ -n "$line" ]; do printf '%s\\n' "$line"; done >${SECRET_FILE}`;

// A killed initialisation may leave a program behind that still writes into the directory: hence TERM to our own
// process group, which we ourselves ignore, and several tries.
const CLOSING = `
cd /
kill -s TERM 0
tries=0
until rm -rf "$directory" 2>/dev/null || [ "$tries" -ge 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done`;

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
