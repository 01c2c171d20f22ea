// Preloaded by `npm run bench`, which measures what runs in production: `@app/x` is the built lib. The bench's own files
// are TypeScript; what they import from each other as `./x.js` is `./x.ts`. So are the helpers in a lib's `testing` folders,
// which are not built; what they import of their lib is the built file.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const SOURCES = new URL('../../libs/', import.meta.url).href;
const LIBS = new URL('../../dist/libs/', import.meta.url);
const COMPILE = {
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
  swcrc: false,
};

registerHooks({
  resolve(specifier, context, next) {
    const lib = /^@app\/([a-z]+)$/.exec(specifier)?.[1];
    if (lib !== undefined) return next(new URL(`${lib}/src/index.js`, LIBS).href, context);
    const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
    if (!isOurs) return next(specifier, context);
    return next(builtFileOf(new URL(specifier, context.parentURL).href) ?? specifier.replace(/\.js$/, '.ts'), context);
  },
  // Node itself only takes types off; parameter properties are code that must be written.
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...COMPILE, filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

/** The built file of a lib's source; undefined for what is not built. */
function builtFileOf(url) {
  if (!url.startsWith(SOURCES)) return undefined;
  const built = new URL(url.slice(SOURCES.length), LIBS);
  return existsSync(built) ? built.href : undefined;
}
