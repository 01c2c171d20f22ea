// Checks the documents: every decision record has its title, status, date and line in the index, no link leads nowhere, and
// the files that CONTRIBUTING.md and the documents of today's code name are there.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const STATUS = /^(proposed|accepted|rejected)(, amended by [\d, and]+)?$|^superseded by \d+$/;

/** The errors of a folder of decision records: `index` is its README.md, `records` the content of each other file by name. */
function errorsOfRecords(index, records) {
  const errors = [];
  const expected = [];
  const numbers = new Map();
  for (const [name, content] of Object.entries(records).sort()) {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]);
    if (!number) {
      errors.push(`${name}: name it like 0001-title-in-lower-case.md`);
      continue;
    }
    if (numbers.has(number)) errors.push(`${name}: ${numbers.get(number)} has the same number`);
    numbers.set(number, name);
    const title = /^# (\d+)\. (.+)\n/.exec(content);
    const status = /^- Status: (.+)$/m.exec(content)?.[1].replace(/\[(\d+)\]\([^)]*\)/g, '$1');
    const date = /^- Date: (\d{4}-\d\d-\d\d)$/m.exec(content)?.[1];
    if (Number(title?.[1]) !== number) errors.push(`${name}: begin it with "# ${number}. " and its title`);
    if (!STATUS.test(status ?? '')) errors.push(`${name}: it needs a line like "- Status: accepted, amended by 7"`);
    if (!date) errors.push(`${name}: it needs a line like "- Date: 2026-11-22"`);
    expected.push(`- [${number}. ${title?.[2]}](${name}): ${status}, ${date}`);
  }
  const lines = index.split('\n').filter((line) => line.startsWith('- ['));
  for (const line of expected) if (!lines.includes(line)) errors.push(`docs/adr/README.md lacks the line: ${line}`);
  for (const line of lines) if (!expected.includes(line)) errors.push(`docs/adr/README.md has a wrong line: ${line}`);
  return errors;
}

/** The links of a document to files of the repository that `exists` does not find. */
function deadLinks(file, content, exists) {
  const text = content.replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !exists(join(dirname(file), target)))
    .map((target) => `${file}: the link to ${target} leads nowhere`);
}

/** The paths from the root, in backticks, that `exists` does not find. A path with a placeholder (`<name>`, `*`, `{a,b}`) is an example. */
function deadPaths(file, content, exists) {
  return [...content.matchAll(/`((?:apps|docs|libs|scripts|test)\/[^`\s<>*{}]*)`/g)]
    .map(([, path]) => path)
    .filter((path) => !exists(path))
    .map((path) => `${file}: there is no ${path}`);
}

const record = '# 1. Keep backups\n\n- Status: accepted, amended by [2](0002-b.md)\n- Date: 2026-11-22\n\nText.\n';
const row = '- [1. Keep backups](0001-keep-backups.md): accepted, amended by 2, 2026-11-22';

await test('accepts a record that its index lists', () => {
  assert.deepEqual(errorsOfRecords(`# Index\n\n${row}\n`, { '0001-keep-backups.md': record }), []);
});

await test('finds a record that is not in the index, or is there with another title, status or date', () => {
  assert.equal(errorsOfRecords('# Index\n', { '0001-keep-backups.md': record }).length, 1);
  for (const [old, other] of [
    ['Keep', 'Drop'],
    [' amended by 2,', ''],
    ['-22', '-23'],
  ]) {
    assert.equal(errorsOfRecords(row.replace(old, other), { '0001-keep-backups.md': record }).length, 2, old);
  }
});

await test('finds a record without a status, a date or the number of its file, and two of one number', () => {
  for (const line of ['- Status: accepted, amended by [2](0002-b.md)\n', '- Date: 2026-11-22\n', '# 1. Keep backups']) {
    assert.notDeepEqual(errorsOfRecords(row, { '0001-keep-backups.md': record.replace(line, '') }), [], line);
  }
  assert.match(
    errorsOfRecords(row, { '0001-a.md': record, '0001-keep-backups.md': record }).join(),
    /has the same number/,
  );
  assert.match(errorsOfRecords('', { 'notes.md': record }).join(), /name it like/);
});

await test('finds a link to a file that is not there', () => {
  const text = 'See [a](a.md#part), [b](../b.md), [c](https://example.com/c), [d](#d).\n';
  assert.deepEqual(
    deadLinks('docs/x.md', text, (path) => path === 'docs/a.md'),
    ['docs/x.md: the link to ../b.md leads nowhere'],
  );
});

await test('finds a path from the root that is not there, and passes over examples and other paths', () => {
  const text = 'See `libs/a.ts`, `libs/b.ts`, `libs/<name>/c.ts`, `test/*.spec.ts`, `swap/d.ts`.\n';
  assert.deepEqual(
    deadPaths('x.md', text, (path) => path === 'libs/a.ts'),
    ['x.md: there is no libs/b.ts'],
  );
});

await test('the decision records have a title, a status, a date and a line in docs/adr/README.md', () => {
  const folder = join(root, 'docs/adr');
  const names = readdirSync(folder).filter((name) => name !== 'README.md');
  const records = Object.fromEntries(names.map((name) => [basename(name), readFileSync(join(folder, name), 'utf8')]));
  assert.deepEqual(errorsOfRecords(readFileSync(join(folder, 'README.md'), 'utf8'), records), []);
});

await test('the links of the documents lead to files', () => {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => join('docs', name));
  const documents = [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md'));
  const errors = documents.flatMap((file) =>
    deadLinks(file, readFileSync(join(root, file), 'utf8'), (path) => existsSync(join(root, path))),
  );
  assert.deepEqual(errors, []);
});

await test('the files that the documents of the present code name are there', () => {
  const errors = ['CONTRIBUTING.md', 'README.md', 'docs/architecture.md', 'docs/glossary.md'].flatMap((file) =>
    deadPaths(file, readFileSync(join(root, file), 'utf8'), (path) => existsSync(join(root, path))),
  );
  assert.deepEqual(errors, []);
});
