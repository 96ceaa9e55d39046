import type { NetworkInterfaceInfo } from 'node:os';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  createOwnAddresses,
  OwnAddressReader,
  selectOwnAddresses,
} from '../../src/live/own-addresses.js';

const info = (address: string) => ({ address }) as NetworkInterfaceInfo;

describe("this host's own addresses", () => {
  const cases: [string, Record<string, string[]>, string[]][] = [
    [
      'are those of all interfaces',
      { lo: ['127.0.0.1', '::1'], eth0: ['192.0.2.1'], tailscale0: ['100.64.0.1'] },
      ['127.0.0.1', '::1', '192.0.2.1', '100.64.0.1'],
    ],
    [
      'are without bridges',
      {
        docker0: ['172.17.0.1'],
        'br-1a2b3c': ['172.18.0.1'],
        virbr0: ['192.168.122.1'],
        cni0: ['10.88.0.1'],
        'cni-podman0': ['10.89.0.1'],
        podman1: ['10.90.0.1'],
        lxcbr0: ['10.0.3.1'],
        veth12ab: ['10.0.4.1'],
        lxdbr0: ['10.0.5.1'],
        incusbr0: ['10.0.6.1'],
        bridge100: ['192.168.64.1'],
        bridge0: ['192.0.2.2'],
      },
      ['192.0.2.2'],
    ],
    [
      'are without those that hold on one link only',
      { eth0: ['fe80::1', 'fe80::1%eth0', '169.254.1.1', '2001:db8::1'] },
      ['2001:db8::1'],
    ],
    ['are told once each', { eth0: ['192.0.2.1'], 'eth0:1': ['192.0.2.1'] }, ['192.0.2.1']],
    ['may be none', {}, []],
  ];
  it.each(cases)('%s', (_name, interfaces, addresses) => {
    const given = Object.entries(interfaces).map(([name, list]) => [name, list.map(info)]);
    expect(selectOwnAddresses(Object.fromEntries(given))).toEqual(addresses);
  });

  it('are read again after a second, and when the clock was set back', () => {
    let now = 10_000;
    let reads = 0;
    const own = createOwnAddresses(
      () => now,
      () => {
        reads += 1;
        return { eth0: [info(`192.0.2.${reads}`)] };
      },
    );
    const at = (moment: number) => {
      now = moment;
      return own();
    };
    expect([10_000, 10_999, 11_000, 5_000].map(at)).toEqual([
      ['192.0.2.1'],
      ['192.0.2.1'],
      ['192.0.2.2'],
      ['192.0.2.3'],
    ]);
  });

  it('are unknown where the interfaces cannot be read', () => {
    const own = createOwnAddresses(Date.now, () => {
      throw new Error('no permission');
    });
    expect(own()).toBeUndefined();
  });

  it('are found on this machine', () => {
    expect(createOwnAddresses()()).toEqual(selectOwnAddresses(networkInterfaces()));
    expect(createOwnAddresses()()).toContain('127.0.0.1');
  });
});

describe('a list of own addresses', () => {
  it('is read as it is at each moment, also where the same list has changed', () => {
    const reader = new OwnAddressReader();
    const list = ['127.0.0.1', '::1'];
    const read = () => reader.read(list)?.map(({ text }) => text);
    expect(read()).toEqual(['127.0.0.1', '::1']);
    expect(reader.read(list)).toBe(reader.read([...list]));
    list[1] = '192.0.2.1';
    expect(read()).toEqual(['127.0.0.1', '192.0.2.1']);
    list.pop();
    expect(read()).toEqual(['127.0.0.1']);
  });

  it.each([
    ['no list', undefined, undefined],
    ['one that names what is none', ['127.0.0.1', 'localhost'], undefined],
    ['an empty one', [], []],
  ])('%s', (_name, list, expected) => {
    const reader = new OwnAddressReader();
    expect(reader.read(list)).toEqual(expected);
    expect(reader.read(list)).toEqual(expected);
  });
});
