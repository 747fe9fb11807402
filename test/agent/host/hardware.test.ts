import { expect, onTestFinished, test } from 'vitest'
import { createHost } from '../../../agent/host/host.ts'
import { systemClock } from '../../../common/clock.ts'
import { arm } from './machines/arm.ts'
import { oldKernel } from './machines/old-kernel.ts'
import { twoSockets } from './machines/two-sockets.ts'
import { samples } from './samples.ts'
import { plant } from './tree.ts'
import type { Tree } from './tree.ts'

const space = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 1000, ffree: 900 }

async function measure(tree: Tree): Promise<Readonly<Record<string, number>>> {
  const host = createHost({ clock: systemClock, root: plant(tree), statfs: () => Promise.resolve(space) })
  onTestFinished(() => host[Symbol.dispose]())
  const { tables, failures } = await host(10_000)
  expect(failures).toEqual(new Map())
  return samples(tables)
}

const names = (found: Readonly<Record<string, number>>, pattern: RegExp): readonly string[] =>
  Object.keys(found).filter((series) => pattern.test(series))

test('sensors have their unit, their chip and, where it has one, their label', async () => {
  const found = await measure(twoSockets)
  expect(found).toMatchObject({
    'node_hwmon_temp_celsius{platform_coretemp_0,temp1}': 45,
    'node_hwmon_temp_celsius{platform_coretemp_0,temp2}': -1.5,
    'node_hwmon_temp_max_celsius{platform_coretemp_0,temp1}': 82,
    'node_hwmon_temp_crit_celsius{platform_coretemp_0,temp1}': 100,
    'node_hwmon_temp_crit_alarm_celsius{platform_coretemp_0,temp1}': 0,
    'node_hwmon_sensor_label{platform_coretemp_0,Package id 0,temp1}': 1,
    'node_hwmon_chip_names{platform_coretemp_0,coretemp}': 1,
    'node_hwmon_fan_rpm{platform_nct6775_656,fan1}': 1320,
    'node_hwmon_in_volts{platform_nct6775_656,in0}': 1.104,
    'node_hwmon_in_alarm{platform_nct6775_656,in0}': 1,
    'node_hwmon_curr_amps{platform_nct6775_656,curr1}': 2.5,
    'node_hwmon_power_watt{platform_nct6775_656,power1}': 87,
    'node_hwmon_power_average_interval_seconds{platform_nct6775_656,power1}': 1,
    'node_hwmon_energy_joule_total{platform_nct6775_656,energy1}': 123.456789,
    'node_hwmon_humidity{platform_nct6775_656,humidity1}': 0.04,
    'node_hwmon_pwm{platform_nct6775_656,pwm1}': 153,
    'node_hwmon_beep_enabled{platform_nct6775_656,beep_enable0}': 1,
    'node_thermal_zone_temp{x86_pkg_temp,0}': 44,
    'node_cooling_device_cur_state{0,Processor}': 2,
  })
  // Of the third chip, which has no name, one sensor gives a number.
  expect(names(found, /^node_hwmon.*hwmon3/)).toEqual(['node_hwmon_temp_celsius{hwmon3,temp3}'])
})

test('two sockets: heat by core and package once, frequencies by CPU, memory errors by controller', async () => {
  const found = await measure(twoSockets)
  expect(names(found, /^node_cpu_(core|package)_throttles/)).toEqual([
    'node_cpu_core_throttles_total{0,0}',
    'node_cpu_core_throttles_total{0,1}',
    'node_cpu_core_throttles_total{1,1}',
    'node_cpu_package_throttles_total{0}',
    'node_cpu_package_throttles_total{1}',
  ])
  expect(found).toMatchObject({
    'node_cpu_scaling_frequency_hertz{3}': 1_700_003_000,
    'node_cpu_frequency_max_hertz{0}': 3_700_000_000,
    'node_edac_correctable_errors_total{0}': 1,
    'node_edac_correctable_errors_total{1}': 7,
    'node_edac_csrow_correctable_errors_total{0,0}': 3,
    'node_edac_csrow_uncorrectable_errors_total{0,unknown}': 6,
    'node_schedstat_waiting_seconds_total{1}': 0.420000001,
    'node_schedstat_timeslices_total{1}': 1231,
    'node_rapl_package_joules_total{1,/sys/class/powercap/intel-rapl:1}': 240.422366,
  })
})

test('bonds, links and the counts of the network', async () => {
  expect(await measure(twoSockets)).toMatchObject({
    'node_bonding_slaves{bond0}': 2,
    'node_bonding_active{bond0}': 1,
    'node_network_up{ens1f0}': 1,
    'node_network_up{ens1f1}': 0,
    'node_network_mtu_bytes{ens1f0}': 9000,
    'node_network_speed_bytes{ens1f0}': 3_125_000_000,
    'node_network_flags{ens1f0}': 0x13_03,
    'node_network_info{3c:ec:ef:00:00:02,ff:ff:ff:ff:ff:ff,ens1f1,unknown,to rack 2, "left",down}': 1,
    'node_arp_entries{bond0}': 2,
    'node_arp_entries{ens1f1}': 1,
    'node_softnet_processed_total{1}': 0x1_66_3f_b2,
    node_nf_conntrack_entries: 123,
    node_nf_conntrack_entries_limit: 65_536,
    node_nf_conntrack_stat_invalid: 20,
    node_nf_conntrack_stat_search_restart: 510,
    'node_udp_queues{v4,rx}': 0x1_01,
    'node_udp_queues{v4,tx}': 0x15,
    'node_udp_queues{v6,rx}': 2,
    node_sockstat_TCP_tw: 4,
    node_sockstat_UDP_mem_bytes: 8192,
    node_sockstat_TCP6_inuse: 17,
  })
})

test('a speed of -1 is unknown and no sample', async () => {
  expect(names(await measure(twoSockets), /^node_network_speed_bytes\{ens1f1/)).toEqual([])
})

test('disks, what udev says of them, NVMe and software RAID', async () => {
  expect(await measure(twoSockets)).toMatchObject({
    'node_disk_info{sda,8,0,ST4000NM0035,pci-0000:00:1f.2-ata-1,TN04,ZC100000,0x5000c500a0000000}': 1,
    'node_disk_ata_rotation_rate_rpm{sda}': 7200,
    'node_disk_ata_write_cache_enabled{sda}': 0,
    'node_disk_device_mapper_info{dm-0,,pgdata,vg0-pgdata,LVM-abc,vg0}': 1,
    'node_disk_filesystem_info{nvme0n1,xfs,filesystem,0a7c6be2-7f4e-4d2e-9a32-000000000000,}': 1,
    'node_nvme_info{nvme0,GDC7302Q,SAMSUNG MZQL21T9HCJR-00A07,S64GNE0R000000,live}': 1,
    'node_md_disks{md1,active}': 3,
    'node_md_disks{md1,failed}': 1,
    'node_md_disks{md1,spare}': 1,
    'node_md_disks_required{md1}': 4,
    'node_md_state{md1,recovering}': 1,
    'node_md_state{md1,active}': 0,
    'node_md_blocks_synced{md1}': 246_111_232,
    'node_md_blocks{md0}': 523_712,
    'node_md_state{md3,resync}': 1,
    'node_md_blocks_synced{md3}': 0,
    'node_md_state{md4,inactive}': 1,
    'node_md_state{md6,check}': 1,
  })
})

test('what the machine is', async () => {
  const found = await measure(twoSockets)
  expect(names(found, /^node_dmi_info/)).toEqual([
    'node_dmi_info{04/12/2021,2.2,Dell Inc.,2.2.4,07PXPY,Dell Inc.,A01,,Dell Inc.,,PowerEdge,PowerEdge R6515,SKU=NotProvided;ModelName=PowerEdge R6515,,Dell Inc.}',
  ])
  expect(found).toMatchObject({
    'node_time_clocksource_available_info{hpet,0}': 1,
    'node_time_clocksource_current_info{tsc,0}': 1,
    node_entropy_available_bits: 1337,
    node_selinux_enabled: 0,
  })
})

test('Linux 3.10 gives what it has, and nothing fails for what it lacks', async () => {
  const found = await measure(oldKernel)
  expect(found).toMatchObject({
    node_memory_MemAvailable_bytes: 973_524_992,
    node_vmstat_pswpout: 66,
    node_vmstat_numa_miss: 3,
    node_netstat_Tcp_CurrEstab: 0,
    node_netstat_Tcp_AttemptFails: 341,
    node_netstat_TcpExt_ListenDrops: 6,
    node_netstat_IpExt_InOctets: 6_286_396_970,
    'node_softnet_times_squeezed_total{1}': 10,
    'node_network_receive_bytes_total{eth0}': 1_234_567_890,
    'node_disk_io_time_seconds_total{sda}': 24.17,
    'node_filesystem_size_bytes{/dev/mapper/rhel-root,xfs,/}': 409_600,
    'node_os_version{rhel,fedora,Red Hat Enterprise Linux Server}': 7.9,
  })
  expect(names(found, /pressure|schedstat|discard|flush|hwmon|oom_kill|Ip6|conntrack/)).toEqual([])
  expect(names(found, /collector_success\{(pressure|schedstat|conntrack|mdadm|dmi)/)).toEqual([])
})

test('arm64: CPUs that share a clock, thermal zones below zero, pressure of interrupts', async () => {
  const found = await measure(arm)
  expect(found).toMatchObject({
    'node_cpu_scaling_frequency_hertz{0}': 600_000_000,
    'node_cpu_scaling_frequency_hertz{1}': 600_000_000,
    'node_thermal_zone_temp{cpu-thermal,0}': -5,
    node_pressure_irq_stalled_seconds_total: 3,
    node_pressure_cpu_waiting_seconds_total: 15,
  })
  expect(names(found, /dmi|throttle|pressure_cpu_stalled/)).toEqual([])
})

test('a machine that has nothing gives nothing but the time', async () => {
  const found = await measure({ 'proc/nothing': '' })
  expect(names(found, /./).filter((series) => !series.startsWith('node_scrape_'))).toEqual([
    'node_time_seconds',
    'node_time_zone_offset_seconds{UTC}',
    'node_selinux_enabled',
  ])
})
