import { contentDisposition } from './download-answer.js';

describe('Content-Disposition', () => {
  it.each([
    ['shop_20231220_120000.sql', 'attachment; filename="shop_20231220_120000.sql"'],
    ['my shop (1).sql', 'attachment; filename="my shop (1).sql"'],
    ['läden.sql', `attachment; filename="l_den.sql"; filename*=UTF-8''l%C3%A4den.sql`],
    [
      `it's "50%"\r\nX: y.sql`,
      `attachment; filename="it's _50____X: y.sql"; filename*=UTF-8''it%27s%20%2250%25%22%0D%0AX%3A%20y.sql`,
    ],
    ['a\ud800b.sql', `attachment; filename="a_b.sql"; filename*=UTF-8''a%EF%BF%BDb.sql`],
    ['商店*.sql', `attachment; filename="__*.sql"; filename*=UTF-8''%E5%95%86%E5%BA%97%2A.sql`],
  ])('names %j', (filename, header) => {
    expect(contentDisposition(filename)).toBe(header);
  });
});
