import { describe, expect, test } from 'vitest'
import { parseJsonDump } from '../../../../agent/neighbours/keepalived/parse-json.ts'
import { parseTextDumps } from '../../../../agent/neighbours/keepalived/parse-text.ts'
import { vrrpTables } from '../../../../agent/neighbours/keepalived/vrrp-tables.ts'
import { sampleMap } from '../exposition/samples-of.ts'

/** As keepalived 2.2.7 writes them, shortened. */
const json = `[{"data":{"iname":"VI_1","ifp_ifname":"eth0","last_transition":1795717176.042384,"vrid":51,"effective_priority":100,"vipset":true,"state":2,"wantstate":2,"version":2,"vips":["10.9.0.100\\/24 dev eth0 scope global set","10.9.0.101\\/32 dev eth0 scope global set"],"auth_type":0},"stats":{"advert_rcvd":1,"advert_sent":2,"become_master":3,"release_master":4,"packet_len_err":5,"advert_interval_err":6,"ip_ttl_err":7,"invalid_type_rcvd":8,"addr_list_err":9,"invalid_authtype":10,"authtype_mismatch":11,"auth_failure":12,"pri_zero_rcvd":13,"pri_zero_sent":14}}]`
const data = `------< VRRP Topology >------
 VRRP Instance = VI_1
   VRRP Version = 2
   State = MASTER
   Flags:
     Using unicast
   Wantstate = BACKUP
   Last transition = 1795717176.042384 (Thu Nov 26 18:19:36.042384 2026)
   Interface = eth0
   Virtual Router ID = 51
   Priority = 100
   Virtual IP (2):
     10.9.0.100/24 dev eth0 scope global set
     10.9.0.101/32 dev eth0 scope global set
   Unicast TTL = 255
   Unicast Peer :
     10.9.0.2 min_ttl 0 max_ttl 255
   fd_in 13, fd_out 14
------< VRRP Sockpool >------
 fd_in 13 fd_out = 14
   Interface = lo
`
const stats = `VRRP Instance: VI_1
  Advertisements:
    Received: 1
    Sent: 2
  Became master: 3
  Released master: 4
  Packet Errors:
    Length: 5
    TTL: 7
    Invalid Type: 8
    Advertisement Interval: 6
    Address List: 9
  Authentication Errors:
    Invalid Type: 10
    Type Mismatch: 11
    Failure: 12
  Priority Zero:
    Received: 13
    Sent: 14
`

test('the JSON and the text of the same state say the same', () => {
  const parsed = parseTextDumps(data, stats)
  expect(parsed).toEqual(parseJsonDump(json))
  expect(parsed).toMatchObject([
    { name: 'VI_1', interface: 'eth0', routerId: 51, state: 2, vips: ['10.9.0.100', '10.9.0.101'] },
  ])
})

test('the second version of the JSON is read too', () => {
  expect(parseJsonDump(`{"vrrp":${json},"track_process":[]}`)).toEqual(parseJsonDump(json))
})

test('several instances keep their own figures', () => {
  const two = (text: string): string =>
    text + text.replaceAll('VI_1', 'VI_2').replace('State = MASTER', 'State = FAULT')
  const other = two(stats).replace(/Sent: 2(?![\s\S]*Sent: 2)/, 'Sent: 20')
  const samples = sampleMap(vrrpTables(parseTextDumps(two(data), other)!))
  expect(samples.get('keepalived_advertisements_sent_total{iname="VI_1",intf="eth0",vrid="51"}')).toBe(2)
  expect(samples.get('keepalived_advertisements_sent_total{iname="VI_2",intf="eth0",vrid="51"}')).toBe(20)
  expect(
    samples.get('keepalived_vrrp_state{iname="VI_2",intf="eth0",ip_address="10.9.0.101",vrid="51"}'),
  ).toBe(3)
  expect(samples.get('keepalived_vrrp_advert_sent{intf="eth0",name="VI_2",state="FAULT",vrid="51"}')).toBe(20)
})

test('an instance without addresses has a state', () => {
  const samples = sampleMap(vrrpTables(parseJsonDump('[{"data":{"iname":"a","vrid":1,"state":1}}]')!))
  expect([...samples]).toEqual([['keepalived_vrrp_state{iname="a",vrid="1"}', 1]])
})

test('no instances are none', () => {
  expect([parseJsonDump('[]'), parseTextDumps('', '')]).toEqual([[], []])
})

describe('a file that is not complete is none', () => {
  test('whatever part of the JSON is there', () => {
    for (let length = 0; length < json.length; length++)
      expect(parseJsonDump(json.slice(0, length))).toBeUndefined()
  })

  test('whatever part of the figures is there', () => {
    for (let length = 1; length < stats.trimEnd().length - 1; length++) {
      expect(parseTextDumps(data, stats.slice(0, length)), stats.slice(0, length)).toBeUndefined()
    }
  })

  test('until the state of each instance is there', () => {
    for (const end of ['   State', '   Interface']) {
      expect(parseTextDumps(data.slice(0, data.indexOf(end)), stats)).toBeUndefined()
    }
  })
})
