import { directory } from '../tree.ts'
import type { Tree } from '../tree.ts'

/** An arm64 machine: no DMI, no thermal throttle counts, one clock per cluster, thermal zones, pressure of interrupts. */
export const arm: Tree = {
  'proc/stat': `cpu  30 0 20 5000 0 0 2 0 0 0
cpu0 10 0 10 2500 0 0 1 0 0 0
cpu1 20 0 10 2500 0 0 1 0 0 0
intr 12345 0 0
ctxt 67890
btime 1700000000
processes 4321
procs_running 1
procs_blocked 0
softirq 99 1 2 3 4 5 6 7 8 9 10
`,
  'proc/loadavg': '1.00 2.00 3.00 1/234 5678\n',
  'proc/pressure/cpu':
    'some avg10=0.10 avg60=2.00 avg300=3.85 total=15000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'proc/pressure/io':
    'some avg10=0.10 avg60=2.00 avg300=3.85 total=15900000\nfull avg10=0.20 avg60=3.00 avg300=4.95 total=25000000\n',
  'proc/pressure/memory':
    'some avg10=0.10 avg60=2.00 avg300=3.85 total=1\nfull avg10=0.20 avg60=3.00 avg300=4.95 total=2\n',
  'proc/pressure/irq': 'full avg10=0.00 avg60=0.00 avg300=0.00 total=3000000\n',
  ...directory('sys/devices/system/cpu', {
    'cpu0/topology/physical_package_id': '0\n',
    'cpu0/topology/core_id': '0\n',
    'cpu1/topology/physical_package_id': '0\n',
    'cpu1/topology/core_id': '1\n',
    'cpu0/cpufreq': '-> ../cpufreq/policy0',
    'cpu1/cpufreq': '-> ../cpufreq/policy0',
    'cpufreq/policy0/cpuinfo_min_freq': '600000\n',
    'cpufreq/policy0/cpuinfo_max_freq': '1500000\n',
    'cpufreq/policy0/scaling_min_freq': '600000\n',
    'cpufreq/policy0/scaling_max_freq': '1500000\n',
    'cpufreq/policy0/scaling_cur_freq': '600000\n',
    'cpufreq/policy0/scaling_governor': 'ondemand\n',
    'cpufreq/policy0/scaling_available_governors': 'ondemand\n',
    'cpufreq/policy0/scaling_driver': 'cpufreq-dt\n',
    'cpufreq/policy0/scaling_setspeed': '<unsupported>\n',
    'cpufreq/policy0/related_cpus': '0 1\n',
  }),
  ...directory('sys/class/thermal/thermal_zone0', {
    type: 'cpu-thermal\n',
    temp: '-5000\n',
    policy: 'step_wise\n',
  }),
  ...directory('sys/devices/system/clocksource/clocksource0', {
    available_clocksource: 'arch_sys_counter \n',
    current_clocksource: 'arch_sys_counter\n',
  }),
}
