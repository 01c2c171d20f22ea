import { withType } from './login-draft.js';

describe('another type of database', () => {
  it.each(['5432', 5432, '3306', ''])('brings its usual port where %j stands', (port) => {
    expect(withType({ port }, 'MySQL')).toEqual({ db_type: 'MySQL', port: '3306' });
    expect(withType({ port }, 'PostgreSQL')).toEqual({ db_type: 'PostgreSQL', port: '5432' });
  });

  it('leaves a port that somebody has chosen', () => {
    expect(withType({ port: '15432' }, 'MySQL')).toEqual({ db_type: 'MySQL' });
  });
});
