import { describe, expect, test } from 'bun:test'
import { isAllowed } from '../../src/platform/address-policy.ts'

const closed = { allowsLoopback: false, allowsPrivate: false }

describe('the addresses that may be dialled', () => {
  test.each(['8.8.8.8', '2001:4860:4860::8888', '1.1.1.1', '172.32.0.1', '100.128.0.1'])(
    'include %s always',
    (address) => {
      expect([isAllowed(address), isAllowed(address, closed)]).toEqual([true, true])
    },
  )

  test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'])(
    'include %s unless loopback is shut',
    (address) => {
      expect([isAllowed(address), isAllowed(address, { ...closed, allowsPrivate: true })]).toEqual([true, false])
    },
  )

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '2002:c0a8:101::1',
  ])('include %s unless private networks are shut', (address) => {
    expect([isAllowed(address), isAllowed(address, { ...closed, allowsLoopback: true })]).toEqual([true, false])
  })

  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fe80::1%eth0',
    'FE80::ABCD',
    'febf::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '1.2.3.4.5',
    ':::',
  ])('never include %s', (address) => {
    expect(isAllowed(address)).toBe(false)
  })
})
