import { directory } from '../tree.ts'
import type { Tree } from '../tree.ts'

/*
 * Trees are put together by hand from the kernel's documentation (filesystems/proc.rst, ABI/testing and what each
 * collector names). They stand for hardware that no test machine has.
 */

const cpu = (n: number, socket: number, core: number): Tree =>
  directory(`sys/devices/system/cpu/cpu${n}`, {
    'topology/physical_package_id': `${socket}\n`,
    'topology/core_id': `${core}\n`,
    'thermal_throttle/core_throttle_count': `${n + 3}\n`,
    'thermal_throttle/package_throttle_count': `${socket + 30}\n`,
    'cpufreq/cpuinfo_min_freq': '800000\n',
    'cpufreq/cpuinfo_max_freq': '3700000\n',
    'cpufreq/cpuinfo_cur_freq': `${1_200_000 + n}\n`,
    'cpufreq/scaling_min_freq': '900000\n',
    'cpufreq/scaling_max_freq': '3600000\n',
    'cpufreq/scaling_cur_freq': `${1_700_000 + n}\n`,
    'cpufreq/scaling_governor': 'performance\n',
    'cpufreq/scaling_available_governors': 'performance powersave\n',
    'cpufreq/scaling_driver': 'intel_pstate\n',
    'cpufreq/scaling_setspeed': '<unsupported>\n',
    'cpufreq/related_cpus': `${n}\n`,
  })

const network = (device: string, facts: Tree): Tree =>
  directory(`sys/class/net/${device}`, {
    addr_assign_type: '0\n',
    address: '3c:ec:ef:00:00:01\n',
    addr_len: '6\n',
    broadcast: 'ff:ff:ff:ff:ff:ff\n',
    carrier: '1\n',
    carrier_changes: '3\n',
    carrier_up_count: '2\n',
    carrier_down_count: '1\n',
    dev_id: '0x20\n',
    dormant: '1\n',
    duplex: 'full\n',
    flags: '0x1303\n',
    ifalias: '\n',
    ifindex: '2\n',
    iflink: '2\n',
    link_mode: '1\n',
    mtu: '9000\n',
    name_assign_type: '2\n',
    netdev_group: '0\n',
    operstate: 'up\n',
    speed: '25000\n',
    tx_queue_len: '1000\n',
    type: '1\n',
    'statistics/rx_nohandler': '5\n',
    ...facts,
  })

const nvme = directory('sys/class/nvme/nvme0', {
  firmware_rev: 'GDC7302Q\n',
  model: 'SAMSUNG MZQL21T9HCJR-00A07               \n',
  serial: 'S64GNE0R000000      \n',
  state: 'live\n',
  cntlid: '6\n',
})

const bond = `Ethernet Channel Bonding Driver: v6.1.0

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: None
Currently Active Slave: ens1f0
MII Status: up
MII Polling Interval (ms): 100

Slave Interface: ens1f0
MII Status: up
Speed: 25000 Mbps
Duplex: full
Link Failure Count: 0

Slave Interface: ens1f1
MII Status: down
Speed: Unknown
Duplex: Unknown
Link Failure Count: 4
`

const bonding: Tree = {
  'proc/net/bonding/bond0': bond,
  'sys/class/net/bonding_masters': 'bond0\n',
  ...network('bond0', { ifindex: '4\n', iflink: '4\n', 'bonding/slaves': 'ens1f0 ens1f1\n' }),
  'sys/class/net/bond0/lower_ens1f0': '-> ../ens1f0',
  'sys/class/net/bond0/lower_ens1f1': '-> ../ens1f1',
  ...network('ens1f0', { 'master/ifindex': '4\n', 'bonding_slave/mii_status': 'up\n' }),
  ...network('ens1f1', {
    address: '3c:ec:ef:00:00:02\n',
    carrier: '0\n',
    duplex: 'unknown\n',
    ifalias: 'to rack 2, "left"\n',
    ifindex: '3\n',
    iflink: '3\n',
    operstate: 'down\n',
    speed: '-1\n',
    'bonding_slave/mii_status': 'down\n',
  }),
}

const coretemp = directory('sys/devices/platform/coretemp.0/hwmon/hwmon1', {
  name: 'coretemp\n',
  device: '-> ../..',
  temp1_label: 'Package id 0\n',
  temp1_input: '45000\n',
  temp1_max: '82000\n',
  temp1_crit: '100000\n',
  temp1_crit_alarm: '0\n',
  temp2_label: 'Core 0\n',
  temp2_input: '-1500\n',
  temp2_max: '82000\n',
  temp2_crit: '100000\n',
})

const board = directory('sys/devices/platform/nct6775.656/hwmon/hwmon2', {
  name: 'nct6779\n',
  device: '-> ../..',
  beep_enable: '1\n',
  fan1_input: '1320\n',
  fan1_min: '300\n',
  fan1_alarm: '0\n',
  fan1_beep: '0\n',
  fan1_pulses: '2\n',
  in0_input: '1104\n',
  in0_min: '0\n',
  in0_max: '1744\n',
  in0_alarm: '1\n',
  pwm1: '153\n',
  pwm1_enable: '5\n',
  temp1_input: '31500\n',
  temp1_type: '3\n',
  temp1_fault: '0\n',
  curr1_input: '2500\n',
  power1_input: '87000000\n',
  power1_average: '86000000\n',
  power1_average_interval: '1000\n',
  energy1_input: '123456789\n',
  humidity1_input: '40000\n',
  update_interval: '1500\n',
  intrusion0_alarm: '0\n',
  uevent: '\n',
})

/** Its numbers are missing, junk or in the directory of the device, as with old drivers. */
const odd = directory('sys/devices/virtual/hwmon/hwmon3', {
  temp1_input: 'N/A\n',
  temp2_input: '\n',
  temp3_input: '27800\n',
})

const edac: Tree = {
  ...directory('sys/devices/system/edac/mc/mc0', {
    ce_count: '1\n',
    ce_noinfo_count: '2\n',
    ue_count: '5\n',
    ue_noinfo_count: '6\n',
    'csrow0/ce_count': '3\n',
    'csrow0/ue_count': '4\n',
    'csrow1/ce_count': '0\n',
    'csrow1/ue_count': '0\n',
  }),
  ...directory('sys/devices/system/edac/mc/mc1', {
    ce_count: '7\n',
    ce_noinfo_count: '0\n',
    ue_count: '0\n',
    ue_noinfo_count: '0\n',
  }),
}

const thermal: Tree = {
  ...directory('sys/class/thermal/thermal_zone0', {
    type: 'x86_pkg_temp\n',
    temp: '44000\n',
    policy: 'step_wise\n',
    mode: 'enabled\n',
  }),
  ...directory('sys/class/thermal/cooling_device0', {
    type: 'Processor\n',
    cur_state: '2\n',
    max_state: '10\n',
  }),
}

const rapl: Tree = {
  ...directory('sys/class/powercap/intel-rapl:0', {
    name: 'package-0\n',
    energy_uj: '240422366267\n',
    max_energy_range_uj: '262143328850\n',
  }),
  ...directory('sys/class/powercap/intel-rapl:0:0', {
    name: 'dram\n',
    energy_uj: '118821284256\n',
    max_energy_range_uj: '262143328850\n',
  }),
  ...directory('sys/class/powercap/intel-rapl:1', {
    name: 'package-1\n',
    energy_uj: '240422366\n',
    max_energy_range_uj: '262143328850\n',
  }),
  ...directory('sys/class/powercap/intel-rapl:1:0', {
    name: 'dram\n',
    energy_uj: '18821284256\n',
    max_energy_range_uj: '262143328850\n',
  }),
}

const mdstat = `Personalities : [raid1] [raid10] [raid6] [raid5] [raid4] [raid0]
md0 : active raid1 sdb1[1] sda1[0]
      523712 blocks super 1.2 [2/2] [UU]

md1 : active raid10 sdf1[5](S) sde1[4](F) sdd1[3] sdc1[2] sdb2[1] sda2[0]
      1953260544 blocks super 1.2 512K chunks 2 near-copies [4/3] [UUU_]
      [==>..................]  recovery = 12.6% (246111232/1953260544) finish=82.5min speed=344960K/sec
      bitmap: 3/15 pages [12KB], 65536KB chunk

md2 : active raid0 sdh1[1] sdg1[0]
      314425344 blocks super 1.2 512k chunks

md3 : active raid1 sdj1[1] sdi1[0]
      1855870976 blocks super 1.2 [2/2] [UU]
        resync=DELAYED

md4 : inactive sdk1[0](S)
      1318680 blocks super 1.2

md5 : active (auto-read-only) raid1 sdm1[1] sdl1[0]
      248896 blocks [2/2] [UU]

md6 : active raid1 sdn1[1] sdo1[0]
      104320 blocks [2/2] [UU]
      [========>............]  check = 41.5% (43328/104320) finish=0.1min speed=43328K/sec

unused devices: <none>
`

const udev: Tree = {
  'run/udev/data/b8:0': `S:disk/by-path/pci-0000:00:1f.2-ata-1
E:ID_ATA=1
E:ID_ATA_WRITE_CACHE=1
E:ID_ATA_WRITE_CACHE_ENABLED=0
E:ID_ATA_ROTATION_RATE_RPM=7200
E:ID_MODEL=ST4000NM0035
E:ID_PATH=pci-0000:00:1f.2-ata-1
E:ID_REVISION=TN04
E:ID_SERIAL=ST4000NM0035-1V4107_ZC100000
E:ID_SERIAL_SHORT=ZC100000
E:ID_WWN=0x5000c500a0000000
`,
  'run/udev/data/b259:0': `E:ID_MODEL=SAMSUNG MZQL21T9HCJR-00A07
E:ID_SERIAL_SHORT=S64GNE0R000000
E:ID_WWN=eui.36344730
E:ID_FS_TYPE=xfs
E:ID_FS_USAGE=filesystem
E:ID_FS_UUID=0a7c6be2-7f4e-4d2e-9a32-000000000000
`,
  'run/udev/data/b253:0': `E:DM_NAME=vg0-pgdata
E:DM_UUID=LVM-abc
E:DM_VG_NAME=vg0
E:DM_LV_NAME=pgdata
E:ID_FS_TYPE=ext4
E:ID_FS_USAGE=filesystem
E:ID_FS_VERSION=1.0
E:ID_FS_UUID=11111111-7f4e-4d2e-9a32-000000000000
`,
}

const counts = '10 1 200 3000 20 2 400 5000 6 7000 8000 30 3 600 9000 40 10000'

const proc: Tree = {
  'proc/diskstats': ` 259 0 nvme0n1 ${counts}\n 259 1 nvme0n1p1 ${counts}\n 8 0 sda ${counts}\n 253 0 dm-0 ${counts}\n`,
  'proc/mdstat': mdstat,
  'proc/stat': `cpu  40 0 40 4000 4 0 4 0 0 0
${[0, 1, 2, 3].map((n) => `cpu${n} 10${n} 5 20 2500 30 1 1 2 3 4\n`).join('')}intr 12345 7 0 9
ctxt 67890
btime 1700000000
processes 4321
procs_running 3
procs_blocked 1
softirq 99 1 2 3 4 5 6 7 8 9 10
`,
  'proc/schedstat': `version 15
timestamp 4295000000
${[0, 1, 2, 3].map((n) => `cpu${n} 0 0 0 0 0 0 20145${n}0000000 42000000${n} 123${n}\ndomain0 03 1 2 3\n`).join('')}`,
  'proc/net/softnet_stat': `00015c73 00020e76 00000002 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
01663fb2 00000000 0000000b 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001
`,
  'proc/net/arp': `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.1         0x1         0x2         00:11:22:33:44:55     *        bond0
10.0.0.2         0x1         0x2         00:11:22:33:44:56     *        bond0
10.0.1.2         0x1         0x0         00:00:00:00:00:00     *        ens1f1
`,
  'proc/sys/net/netfilter/nf_conntrack_count': '123\n',
  'proc/sys/net/netfilter/nf_conntrack_max': '65536\n',
  'proc/net/stat/nf_conntrack': `entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
00000021  00000003 00000000 00000000 0000000a 00000000 00000000 0000000c 00000001 00000002 00000003 00000004 00000000  00000000 00000000 00000000 000000ff
00000021  00000003 00000001 00000000 0000000a 00000007 00000000 0000000c 00000001 00000002 00000003 00000004 00000000  00000000 00000000 00000000 000000ff
`,
  'proc/net/sockstat': `sockets: used 229
TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1
UDP: inuse 0 mem 2
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`,
  'proc/net/sockstat6':
    'TCP6: inuse 17\nUDP6: inuse 9\nUDPLITE6: inuse 0\nRAW6: inuse 1\nFRAG6: inuse 0 memory 0\n',
  'proc/net/udp': `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
    0: 00000000:0016 00000000:0000 0A 00000015:00000001 00:00000000 00000000     0        0 2740 1 ffff88003d3af3c0 100 0 0 10 0
    1: 0100007F:0035 00000000:0000 07 00000000:00000100 00:00000000 00000000     0        0 2741 1 ffff88003d3af3c0 100 0 0 10 0
`,
  'proc/net/udp6': `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 1315: 00000000000000000000000000000000:14EB 00000000000000000000000000000000:0000 07 00000000:00000002 00:00000000 00000000   981        0 21040 2 0000000013726323 0
`,
  'proc/sys/kernel/random/entropy_avail': '1337\n',
  'proc/sys/kernel/random/poolsize': '4096\n',
}

const clocksource = directory('sys/devices/system/clocksource/clocksource0', {
  available_clocksource: 'tsc hpet acpi_pm \n',
  current_clocksource: 'tsc\n',
})

const dmi = directory('sys/class/dmi/id', {
  bios_date: '04/12/2021\n',
  bios_release: '2.2\n',
  bios_vendor: 'Dell Inc.\n',
  bios_version: '2.2.4\n',
  board_name: '07PXPY\n',
  board_vendor: 'Dell Inc.\n',
  board_version: 'A01\n',
  chassis_asset_tag: '\n',
  chassis_vendor: 'Dell Inc.\n',
  chassis_version: '\n',
  product_family: 'PowerEdge\n',
  product_name: 'PowerEdge R6515\n',
  product_sku: 'SKU=NotProvided;ModelName=PowerEdge R6515\n',
  product_version: '\n',
  sys_vendor: 'Dell Inc.\n',
})

/** A server with two sockets, NVMe, bonded links, sensors, software RAID and memory that reports its errors. */
export const twoSockets: Tree = {
  ...proc,
  ...cpu(0, 0, 0),
  ...cpu(1, 0, 0),
  ...cpu(2, 1, 0),
  ...cpu(3, 1, 1),
  ...nvme,
  ...bonding,
  ...coretemp,
  ...board,
  ...odd,
  'sys/class/hwmon/hwmon1': '-> ../../devices/platform/coretemp.0/hwmon/hwmon1',
  'sys/class/hwmon/hwmon2': '-> ../../devices/platform/nct6775.656/hwmon/hwmon2',
  'sys/class/hwmon/hwmon3': '-> ../../devices/virtual/hwmon/hwmon3',
  ...edac,
  ...thermal,
  ...rapl,
  ...udev,
  ...clocksource,
  ...dmi,
}
