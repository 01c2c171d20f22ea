// Checks that names in the code and of files do not use the words that the vocabulary (docs/glossary.md) has replaced.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['apps', 'deploy', 'libs', 'scripts', 'test'];
const SOURCE = /(?<!schema\.d)\.(ts|tsx|mjs|cjs)$/;

/** `recoverAllNow`, `RECOVER_ALL_NOW` and `recover-all-now.ts` are all ` recover all now `. */
function wordsOf(name) {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return ` ${spaced
    .replace(/[^A-Za-z]+/g, ' ')
    .trim()
    .toLowerCase()} `;
}

/** The names that a source introduces; those that it only uses belong to somebody else, such as `Promise.allSettled`. */
function namesIn(file, text) {
  const names = new Map();
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const visit = (node) => {
    const isName = ts.isIdentifier(node) || ts.isPrivateIdentifier(node);
    if (isName && node.parent.name === node && !ts.isPropertyAccessExpression(node.parent) && !names.has(node.text)) {
      names.set(node.text, source.getLineAndCharacterOfPosition(node.getStart()).line + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** An allowed name that `leaves` is an old one that is still to be renamed, and may be gone already. `sources`: the text of each file by its path, or undefined for one whose name alone counts. */
function errorsOf({ words, allowed }, sources) {
  const errors = [];
  const used = new Set();
  const check = (file, place, name) => {
    for (const { words: old, say, in: folders, notIn = [] } of words) {
      const within = (list) => list.some((folder) => file.startsWith(folder));
      if (within(notIn) || (folders !== undefined && !within(folders))) continue;
      const found = old.find((word) => wordsOf(name).includes(` ${word} `));
      if (found === undefined) continue;
      const exception = allowed.find(
        (entry) => entry.name === name && (entry.in ?? [file]).some((path) => file.startsWith(path)),
      );
      if (exception === undefined) errors.push(`${place}: "${name}" has the word "${found}"; say: ${say}`);
      else used.add(exception);
    }
  };
  for (const [file, text] of Object.entries(sources)) {
    for (const segment of file.split('/')) check(file, file, segment);
    if (text === undefined) continue;
    for (const [name, line] of namesIn(file, text)) check(file, `${file}:${line}`, name);
  }
  for (const entry of allowed) {
    if (!used.has(entry) && !entry.leaves)
      errors.push(`scripts/vocabulary.json allows "${entry.name}", which is not there any more: remove it`);
    if (!entry.reason) errors.push(`scripts/vocabulary.json allows "${entry.name}" without a reason`);
  }
  return errors;
}

const words = [
  { words: ['settle', 'side by side'], say: 'recover' },
  { words: ['bench'], say: 'fixture', notIn: ['test/bench/'] },
  { words: ['history'], say: 'journal', in: ['libs/a/'] },
];
const errorsIn = (sources, allowed = []) => errorsOf({ words, allowed }, sources);

await test('finds an old word in a name that a source introduces', () => {
  for (const text of [
    'const toSettle = 1;',
    'function settleAll() {}',
    'class A { settle = 1 }',
    'class A { #settle = 1 }',
    'interface A { last_settle: 1 }',
    'const { a: settle } = b;',
    'import { a as settle } from "b";',
    'type SideBySide = 1;',
    'enum A { SETTLE }',
    'const a = { settle: 1 };',
  ]) {
    assert.equal(errorsIn({ 'libs/b/x.ts': text }).length, 1, text);
  }
});

await test('finds an old word in the name of a file or a folder', () => {
  assert.equal(errorsIn({ 'libs/b/to-settle.ts': undefined }).length, 1);
  assert.equal(errorsIn({ 'libs/side-by-side/x.css': undefined }).length, 1);
});

await test('passes over names of others, longer words, texts, and folders where a word is right', () => {
  const text = 'Promise.allSettled(a); x.settle(); const unsettleable = "settle"; // settle';
  assert.deepEqual(errorsIn({ 'libs/b/x.ts': text }), []);
  assert.deepEqual(errorsIn({ 'test/bench/bench.ts': 'const bench = 1;', 'libs/b/y.ts': 'const history = 1;' }), []);
  assert.equal(errorsIn({ 'libs/a/y.ts': 'const history = 1;' }).length, 1);
});

await test('accepts a name that is allowed with a reason, where it is allowed, and only as long as it is there', () => {
  const source = { 'libs/b/x.ts': 'const settle = 1;' };
  assert.deepEqual(errorsIn(source, [{ name: 'settle', reason: 'stored' }]), []);
  assert.equal(errorsIn(source, [{ name: 'settle', in: ['libs/c/'], reason: 'stored' }]).length, 2);
  assert.equal(errorsIn(source, [{ name: 'settle' }]).length, 1);
  assert.equal(errorsIn({}, [{ name: 'settle', reason: 'stored' }]).length, 1);
  assert.deepEqual(errorsIn({}, [{ name: 'settle', leaves: true, reason: 'to be renamed' }]), []);
});

await test('the names of this repository have the words of the vocabulary', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  ).sort();
  const textOf = (file) => (SOURCE.test(file) ? readFileSync(join(root, file), 'utf8') : undefined);
  const sources = Object.fromEntries(files.map((file) => [file, textOf(file)]));
  const errors = errorsOf(JSON.parse(readFileSync(join(root, 'scripts/vocabulary.json'), 'utf8')), sources);
  assert.equal(errors.length, 0, `\n${errors.join('\n')}\n`);
});
