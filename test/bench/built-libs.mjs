// Preloaded by `npm run bench`, which measures what runs in production: `@app/x` is the built lib. The bench's own files
// are TypeScript whose types Node takes off; what they import from each other as `./x.js` is `./x.ts`.
import { registerHooks } from 'node:module';

const LIBS = new URL('../../dist/libs/', import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const lib = /^@app\/([a-z]+)$/.exec(specifier)?.[1];
    if (lib !== undefined) return next(new URL(`${lib}/src/index.js`, LIBS).href, context);
    const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
