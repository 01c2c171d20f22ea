import { outsideRules } from './outside-rules.js';

describe('A view in a dump that is loaded where no other database is', () => {
  const outsideOf = (select: string): string[] => {
    const outside = new Set<string>();
    const [placeholder, view] = outsideRules('shop', outside);
    placeholder?.replace('/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `x` */;');
    view?.replace(`/*!50001 VIEW \`v\` AS ${select} */;`);
    return [...outside];
  };

  it.each([
    'select extract(year from `t`.`c`) AS `x` from `t`',
    "select trim(both ' ' from `t`.`name`) AS `x` from `t`",
    'select trim(`t`.`a` from (`t`.`b`)) AS `x` from `t`',
    'select substring(`t`.`a` from `t`.`b` for 2) AS `x` from (`t` join `u` on((`t`.`a` = `u`.`a`)))',
    'select `shop`.`f`(`t`.`a`) AS `x` from `shop`.`t`',
    'select (select extract(day from `u`.`c`) from `u`) AS `x` from `t`',
  ])('is made as it is where it reads its own database only: %s', (select) => {
    expect(outsideOf(select)).toEqual([]);
  });

  it.each([
    'select 1 AS `x` from `other`.`t`',
    'select 1 AS `x` from (`other`.`t` join `u`)',
    'select 1 AS `x` from (`u` straight_join `other`.`t`)',
    'select extract(year from `t`.`c`) AS `x` from `other`.`t`',
    'select coalesce((select `a`.`c` from `other`.`a`),0) AS `x` from `t`',
    'select exists(select 1 from `other`.`a`) AS `x` from `t`',
    'select extract(year from (select `a`.`c` from `other`.`a`)) AS `x` from `t`',
    'select extract(year from `other`.`t`.`c`) AS `x` from `t`',
    'select `other`.`f`(1) AS `x`',
  ])('is replaced, and named, where it reads another one: %s', (select) => {
    expect(outsideOf(select)).toEqual(['view v, which reads other']);
  });
});
