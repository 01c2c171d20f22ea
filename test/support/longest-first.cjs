const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take minutes, by what one run measured; all others take less than one. */
const LONG = [
  /test\/engines\//,
  /test\/faults\//,
  /test\/(memory|everything|verification)\./,
  /test\/dashboard\//,
  /test\/kill\//,
];

/**
 * Without times of an earlier run, Jest begins with the largest files. Some small ones take long, and the last of them would run
 * while the other workers have nothing left to do.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONG.findIndex((pattern) => pattern.test(path));
      return at === -1 ? LONG.length : at;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
};
