import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { DATABASE, ROWS, SampleShop } from './sample-shop.js';
import type { TableName, TableState } from './sample-shop.js';

/** The columns that identify a row. */
const COLUMNS = {
  customers: 'id, name, email, country, since',
  products: 'id, name, price, attributes',
  orders: 'id, customer_id, ordered_at, status',
  order_items: 'id, order_id, product_id, quantity, price',
} as const;

const STATEMENTS = [
  `CREATE TABLE customers (
    id int AUTO_INCREMENT PRIMARY KEY,
    name varchar(100) NOT NULL,
    email varchar(100) NOT NULL UNIQUE,
    country char(2) NOT NULL,
    since date NOT NULL
  )`,
  `CREATE TABLE products (
    id int AUTO_INCREMENT PRIMARY KEY,
    name varchar(100) NOT NULL,
    price decimal(10, 2) NOT NULL CHECK (price > 0),
    attributes json NOT NULL
  )`,
  `CREATE TABLE orders (
    id int AUTO_INCREMENT PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers (id),
    ordered_at datetime NOT NULL,
    status enum('new', 'paid', 'sent', 'returned') NOT NULL
  )`,
  `CREATE TABLE order_items (
    id int AUTO_INCREMENT PRIMARY KEY,
    order_id int NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id int NOT NULL REFERENCES products (id),
    quantity smallint NOT NULL,
    price decimal(10, 2) NOT NULL
  )`,
  `INSERT INTO customers (name, email, country, since)
    SELECT CONCAT('Customer №', seq), CONCAT('customer', seq, '@example.com'),
           ELT(1 + seq % 5, 'AT', 'DE', 'FR', 'JP', 'PL'), '2020-01-01' + INTERVAL seq % 2000 DAY
      FROM seq_1_to_${ROWS.customers}`,
  `INSERT INTO products (name, price, attributes)
    SELECT CONCAT('Product ', seq), 1 + (seq * 37 % 9900) / 100,
           JSON_OBJECT('weight', seq % 500, 'colour', ELT(1 + seq % 4, 'red', 'grün', 'bleu', '青'))
      FROM seq_1_to_${ROWS.products}`,
  `INSERT INTO orders (customer_id, ordered_at, status)
    SELECT 1 + seq * 7919 % ${ROWS.customers}, '2024-01-01 08:00:00' + INTERVAL 7 * seq MINUTE, 1 + seq % 4
      FROM seq_1_to_${ROWS.orders}`,
  `INSERT INTO order_items (order_id, product_id, quantity, price)
    SELECT 1 + seq % ${ROWS.orders}, 1 + seq * 104729 % ${ROWS.products}, 1 + seq % 5, 1 + (seq % 9900) / 100
      FROM seq_1_to_${ROWS.order_items}`,
  `CREATE VIEW orders_per_country AS
    SELECT country, COUNT(*) AS orders FROM customers JOIN orders ON customer_id = customers.id GROUP BY country`,
];

export async function openMariadbShop(signal: AbortSignal): Promise<SampleShop> {
  const server = await startMariadb({ signal });
  try {
    const administrator = await login(server);
    await administrator.query(`CREATE DATABASE ${DATABASE}`);
    await administrator.end();
    const connection = await login(server, DATABASE);
    for (const statement of STATEMENTS) await connection.query(statement);
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    await connection.end();
    return new MariadbShop(server, `MariaDB ${String(rows[0]?.['version']).split('-')[0]}`);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function login(server: SandboxServer, database?: string): Promise<Connection> {
  const { host, port, username: user, password } = server;
  const connection = await createConnection({
    ...{ host, port, user, password, charset: 'utf8mb4' },
    ...(database === undefined ? {} : { database }),
  });
  // A server that is stopped under a connection must not take us along.
  connection.on('error', () => undefined);
  return connection;
}

class MariadbShop extends SampleShop<Connection> {
  readonly dbType = 'MySQL';

  clientCommand(statement: string): string {
    const { host, port, username, password } = this.server;
    return `mariadb --host=${host} --port=${port} --user=${username} --password=${password} ${DATABASE} -e '${statement}'`;
  }

  protected login(): Promise<Connection> {
    return login(this.server, DATABASE);
  }

  protected async stateOf(connection: Connection, table: TableName): Promise<TableState | undefined> {
    const [existing] = await connection.query<RowDataPacket[]>('SHOW TABLES LIKE ?', [table]);
    if (existing.length === 0) return undefined;
    // Each row has a hash of 64 bits; they are added up, as MariaDB cannot join so many texts into one.
    const hash = `CAST(CONV(LEFT(MD5(CONCAT_WS('|', ${COLUMNS[table]})), 16), 16, 10) AS UNSIGNED)`;
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS number, MD5(CONCAT(BIT_XOR(${hash}), SUM(${hash}))) AS checksum FROM ${table}`,
    );
    return { rows: Number(rows[0]?.['number']), checksum: String(rows[0]?.['checksum']) };
  }
}
