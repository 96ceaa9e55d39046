import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  networkContains,
  networkCovers,
  networkLiteral,
  networkOf,
  networksOverlap,
  parseAddress,
  parseNetwork,
} from '../../src/model/address.js';

describe('an address is its canonical text', () => {
  test.each([
    // IPv4
    ['0.0.0.0', '0.0.0.0'],
    ['127.0.0.1', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    // IPv6, as RFC 5952 writes it
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['fe80::', 'fe80::'],
    // a zone is cut, whatever it is called
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%%', 'fe80::1'],
    ['::ffff:10.1.2.3%en0', '10.1.2.3'],
    // mapped is IPv4, however it is written
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
    // and what only looks like it is not
    ['::1.2.3.4', '::102:304'],
    ['::10.1.2.3', '::a01:203'],
    ['::ffff:0:10.0.0.1', '::ffff:0:a00:1'],
    ['::fffe:10.0.0.1', '::fffe:a00:1'],
    ['1::ffff:10.0.0.1', '1::ffff:a00:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ])('%s is %s', (text, canonical) => {
    expect(parseAddress(text)?.text).toBe(canonical);
    expect(parseAddress(text)?.family).toBe(canonical.includes(':') ? 6 : 4);
  });

  test.each([
    ['127.1'],
    ['0x7f000001'],
    ['0x7f.0.0.1'],
    ['2130706433'],
    ['010.0.0.1'],
    ['10.0.0.01'],
    ['00.0.0.0'],
    ['1.2.3.4:80'],
    ['10.0.0.1%x'],
    ['10.0.0.1%'],
    ['1.2.3'],
    ['1.2.3.4.5'],
    ['1.2.3.256'],
    ['1.2.3.-4'],
    ['1.2.3.4 '],
    [' 1.2.3.4'],
    ['1.2.3.4\n'],
    ['1.2.3.4/32'],
    ['１.2.3.4'],
    [''],
    ['::ffff:010.0.0.1'],
    ['::ffff:127.1'],
    ['::ffff:1.2.3.4.5'],
    ['1.2.3.4::'],
    ['::1.2.3.4:5'],
    ['::1%'],
    ['%eth0'],
    [':::'],
    ['1::2::3'],
    ['1:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7:8:9'],
    ['1:2:3:4:5:6:7::8'],
    ['12345::'],
    ['::g'],
    ['[::1]'],
    ['::1/128'],
    ['localhost'],
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each([[undefined], [null], [0], [2130706433], [['1.2.3.4']], [{}]])(
    '%j is none',
    (value) => {
      expect(parseAddress(value)).toBeUndefined();
    },
  );
});

describe('a network is its canonical text', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.1.2.2/31', '10.1.2.2/31'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['FD00:1234:0::/64', 'fd00:1234::/64'],
    ['fe80::/10', 'fe80::/10'],
    ['::/96', '::/96'],
    ['::/95', '::/95'],
    ['::10.1.2.3', '::a01:203/128'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:10.0.0.7', '10.0.0.7/32'],
    ['::ffff:c0a8:100/120', '192.168.1.0/24'],
  ])('%s is %s', (text, canonical) => {
    expect(parseNetwork(text)).toMatchObject({ text: canonical });
    expect(networkLiteral(text).text).toBe(canonical);
  });

  test.each([
    ['10.0.0.1/8', 'host-bits', '10.0.0.0/8'],
    ['10.1.2.3/31', 'host-bits', '10.1.2.2/31'],
    ['1.2.3.4/0', 'host-bits', '0.0.0.0/0'],
    ['fd00::1/64', 'host-bits', 'fd00::/64'],
    ['2001:db8::8001/113', 'host-bits', '2001:db8::8000/113'],
    ['::ffff:0:0/90', 'half-mapped', undefined],
    ['::/80', 'half-mapped', undefined],
    ['::1/1', 'half-mapped', undefined],
    ['::/1', 'half-mapped', undefined],
    ['::fffe:0:0/95', 'half-mapped', undefined],
    ['', 'not-a-network', undefined],
    ['/8', 'not-a-network', undefined],
    ['10.0.0.0/', 'not-a-network', undefined],
    ['10.0.0.0/33', 'not-a-network', undefined],
    ['::/129', 'not-a-network', undefined],
    ['10.0.0.0/08', 'not-a-network', undefined],
    ['10.0.0.0/+8', 'not-a-network', undefined],
    ['10.0.0.0/8.0', 'not-a-network', undefined],
    ['10.0.0.0/1e1', 'not-a-network', undefined],
    ['10.0.0.0/ 8', 'not-a-network', undefined],
    ['10.0.0.0/255.0.0.0', 'not-a-network', undefined],
    ['10.0.0.0/8/8', 'not-a-network', undefined],
    ['10/8', 'not-a-network', undefined],
    ['fe80::1%eth0', 'not-a-network', undefined],
    ['fe80::%eth0/10', 'not-a-network', undefined],
    ['office', 'not-a-network', undefined],
  ])('%j is none: %s', (text, fault, suggestion) => {
    expect(parseNetwork(text)).toEqual(
      suggestion === undefined ? { fault } : { fault, suggestion },
    );
  });

  test('a literal of this program that is none throws', () => {
    expect(() => networkLiteral('10.0.0.1/8')).toThrow(TypeError);
  });
});

describe('what lies in what', () => {
  test.each([
    // prefixes that end within a byte
    ['10.128.0.0/9', '10.128.0.0', true],
    ['10.128.0.0/9', '10.127.255.255', false],
    ['100.64.0.0/10', '100.127.255.255', true],
    ['100.64.0.0/10', '100.128.0.0', false],
    ['10.1.2.2/31', '10.1.2.3', true],
    ['10.1.2.2/31', '10.1.2.4', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['128.0.0.0/1', '127.255.255.255', false],
    // an IPv6 address has four words of 32 bits
    ['2001:db8::/31', '2001:db9:ffff::', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['2001:db8:8000::/33', '2001:db8:7fff:ffff::', false],
    ['2001:db8:8000::/33', '2001:db8:8000::', true],
    ['2001:db8:0:1::/64', '2001:db8:0:1:ffff::', true],
    ['2001:db8:0:1::/64', '2001:db8:0:2::', false],
    ['2001:db8:0:1:8000::/65', '2001:db8:0:1:7fff::', false],
    ['::1:0:0/96', '::1:ffff:ffff', true],
    ['::1:0:0/96', '::2:0:0', false],
    ['::1:8000:0/97', '::1:8000:1', true],
    ['::1:8000:0/97', '::1:7fff:ffff', false],
    ['::1', '::1', true],
    ['::1', '::2', false],
    ['::/0', 'ffff::', true],
    // families never mix, and mapped is IPv4
    ['::/0', '10.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.0.0.1', true],
    ['::/96', '::10.0.0.1', true],
    ['10.0.0.0/8', '::10.0.0.1', false],
  ])('%s contains %s: %s', (network, address, expected) => {
    const parsed = parseAddress(address);
    expect(parsed && networkContains(networkLiteral(network), parsed)).toBe(expected);
  });

  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', false, true],
    ['10.0.0.0/8', '10.0.0.0/8', true, true],
    ['10.0.0.0/9', '10.128.0.0/9', false, false],
    ['100.64.0.0/10', '100.127.255.255', true, true],
    ['::/0', '10.0.0.0/8', false, false],
    ['fc00::/7', 'fd7a:115c:a1e0::/48', true, true],
    ['2001:db8:8000::/33', '2001:db8::/34', false, false],
  ])('%s covers %s: %s; overlaps: %s', (outer, inner, covers, overlaps) => {
    const [a, b] = [networkLiteral(outer), networkLiteral(inner)];
    expect(networkCovers(a, b)).toBe(covers);
    expect(networksOverlap(a, b)).toBe(overlaps);
    expect(networksOverlap(b, a)).toBe(overlaps);
  });

  test.each([
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6', 33, '2001:db8::/33'],
    ['2001:db8:ffff::', 33, '2001:db8:8000::/33'],
    ['255.255.255.255', 9, '255.128.0.0/9'],
    ['255.255.255.255', 0, '0.0.0.0/0'],
    ['255.255.255.255', 32, '255.255.255.255/32'],
  ])('%s lies in the /%i %s', (text, prefix, network) => {
    const address = parseAddress(text);
    expect(address && networkOf(address, prefix).text).toBe(network);
  });
});

/** Words of which two random ones often share their first bits. */
const words = fc.oneof(
  fc.constantFrom(0, 0xffff, 0x8000, 0x7fff, 0xfd00),
  fc.integer({ min: 0, max: 0xffff }),
);
const ipv6 = fc
  .array(words, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));
const bytes = fc.oneof(fc.constantFrom(0, 10, 127, 128, 255), fc.integer({ min: 0, max: 255 }));
const ipv4 = fc.array(bytes, { minLength: 4, maxLength: 4 }).map((parts) => parts.join('.'));

test.each([
  ['ipv4', ipv4, 32],
  ['ipv6', ipv6, 128],
] as const)('%s networks contain what the block list of node:net blocks', (family, texts, bits) => {
  const flips = fc.integer({ min: 0, max: bits - 1 });
  fc.assert(
    fc.property(
      texts,
      texts,
      fc.integer({ min: 0, max: bits }),
      flips,
      (base, other, prefix, i) => {
        const address = parseAddress(base);
        if (!address || address.text.includes('.') !== (family === 'ipv4')) return;
        const network = networkOf(address, prefix);
        const list = new BlockList();
        list.addSubnet(network.text.split('/')[0] ?? '', prefix, family);
        for (const text of [base, other, withFlippedBit(base, i, family)]) {
          const candidate = parseAddress(text);
          if (!candidate || candidate.family !== address.family) continue;
          expect(networkContains(network, candidate)).toBe(list.check(text, family));
        }
      },
    ),
    { seed: 4, numRuns: 2_000 },
  );
});

function withFlippedBit(text: string, bit: number, family: 'ipv4' | 'ipv6'): string {
  const [separator, width, radix] = family === 'ipv4' ? ['.', 8, 10] : [':', 16, 16];
  const parts = text.split(separator).map((part) => Number.parseInt(part, radix));
  const at = Math.floor(bit / width);
  return parts
    .map((part, i) => (i === at ? part ^ (1 << (width - 1 - (bit % width))) : part))
    .map((part) => part.toString(radix))
    .join(separator);
}

test('an address is read back from its canonical text', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6, fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseAddress(text);
      expect(address && parseAddress(address.text)).toEqual(address);
      expect(address).toBeDefined();
    }),
    { seed: 5, numRuns: 1_000 },
  );
});
