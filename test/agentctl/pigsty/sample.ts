/** The shape of an inventory of Pigsty with everything that an import has to do with. */
export const sample = `
all:
  children:
    infra: { hosts: { 10.10.10.10: { infra_seq: 1 }, 10.10.10.20: { infra_seq: 2 } } }
    etcd:
      hosts: { 10.10.10.10: { etcd_seq: 1 } }
      vars: { etcd_cluster: etcd }
    pg-meta:
      hosts:
        10.10.10.10: { pg_seq: 1, pg_role: primary }
        10.10.10.11: { pg_seq: 2, pg_role: replica }
        10.10.10.12: { pg_seq: 3, pg_role: offline, pgbouncer_enabled: no }
      vars:
        pg_cluster: pg-meta
        pg_users: [ { name: supabase_admin, password: DBUser.Supa }, { name: shop, password: Very.Secret.Indeed } ]
        pg_databases: [ { name: shop } ]
        pg_vip_enabled: true
        pg_vip_address: 10.10.10.2/24
        node_crontab: ['00 01 * * * postgres /pg/bin/pg-backup full']
        patroni_password: Hidden.Patroni
  vars:
    admin_ip: 10.10.10.10
    pg_admin_password: DBUser.DBA
    pg_monitor_password: Other.Monitor
    pg_replication_password: Other.Replication
    haproxy_admin_password: Other.Haproxy
    grafana_admin_password: Other.Grafana
    etcd_root_password: Other.Etcd
    pgbackrest_method: minio
    pgbackrest_repo:
      local: { path: /pg/backup }
      minio:
        type: s3
        s3_endpoint: sss.pigsty
        s3_bucket: pgsql
        s3_key: pgbackrest
        s3_key_secret: S3User.Backup
        storage_port: 9000
        cipher_type: aes-256-cbc
        cipher_pass: Own.Cipher
        retention_full_type: time
        retention_full: 14
`

/** Every secret in it. */
export const secrets = [
  'DBUser.Supa',
  'Very.Secret.Indeed',
  'DBUser.DBA',
  'Hidden.Patroni',
  'Other.',
  'S3User.Backup',
  'Own.Cipher',
]
