/** One VRRP instance as keepalived dumps it. */
export interface VrrpInstance {
  readonly name: string
  readonly interface: string
  readonly routerId: number
  /** 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT. */
  readonly state: number
  /** Without prefix length. */
  readonly vips: readonly string[]
  /** By the keys of `vrrpCounters`. */
  readonly counters: ReadonlyMap<string, number>
}

export const vrrpStates: readonly string[] = ['INIT', 'BACKUP', 'MASTER', 'FAULT']

/**
 * keepalived's own name of each counter (in its JSON, and after `keepalived_vrrp_` in gen2brain's exporter), what
 * follows `keepalived_` in mehdy's exporter, and where the text dump has it.
 */
export const vrrpCounters: readonly (readonly [string, string, string])[] = [
  ['advert_rcvd', 'advertisements_received_total', 'Advertisements/Received'],
  ['advert_sent', 'advertisements_sent_total', 'Advertisements/Sent'],
  ['become_master', 'become_master_total', 'Became master'],
  ['release_master', 'release_master_total', 'Released master'],
  ['packet_len_err', 'packet_length_errors_total', 'Packet Errors/Length'],
  ['advert_interval_err', 'advertisements_interval_errors_total', 'Packet Errors/Advertisement Interval'],
  ['ip_ttl_err', 'ip_ttl_errors_total', 'Packet Errors/TTL'],
  ['invalid_type_rcvd', 'invalid_type_received_total', 'Packet Errors/Invalid Type'],
  ['addr_list_err', 'address_list_errors_total', 'Packet Errors/Address List'],
  ['invalid_authtype', 'authentication_invalid_total', 'Authentication Errors/Invalid Type'],
  ['authtype_mismatch', 'authentication_mismatch_total', 'Authentication Errors/Type Mismatch'],
  ['auth_failure', 'authentication_failure_total', 'Authentication Errors/Failure'],
  ['pri_zero_rcvd', 'priority_zero_received_total', 'Priority Zero/Received'],
  ['pri_zero_sent', 'priority_zero_sent_total', 'Priority Zero/Sent'],
]
