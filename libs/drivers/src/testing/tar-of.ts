export interface TestMember {
  name: string;
  content?: Buffer | string;
  /** Default: a file. */
  type?: string;
  /** In place of the length of the content. */
  size?: number;
}

/** A tar archive with its end mark, of members that a tar tool would perhaps not write. */
export function tarOf(members: readonly TestMember[]): Buffer {
  return Buffer.concat([...members.map(memberOf), Buffer.alloc(1_024)]);
}

export function memberOf({ name, content = '', type = '0', size }: TestMember): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write((size ?? bytes.length).toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A record of the pax format. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
