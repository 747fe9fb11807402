import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

// In the place of pg_basebackup, for servers of versions whose own is in no package: what a server of 15 or later sends is written down
// as it comes, without compression. The log is taken from the disk of the server, which is on this host.
// https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP
// Usage: node copy-by-protocol.mjs VERSION DATA-DIRECTORY [arguments of pg_basebackup]

const [version = '', dataDirectory = '', ...args] = process.argv.slice(2)
if (args.includes('--version')) {
  console.log(`pg_basebackup (PostgreSQL) ${version}`)
  process.exit(0)
}
const argument = (name) => args.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? ''
const directory = argument('pgdata')
const { PGHOST = '', PGPORT = '', PGUSER = '' } = process.env

const socket = PGHOST.startsWith('/')
  ? connect(join(PGHOST, `.s.PGSQL.${PGPORT}`))
  : connect(Number(PGPORT), PGHOST)
socket.write(framed('', Buffer.from(`\0\x03\0\0user\0${PGUSER}\0replication\0true\0\0`, 'latin1')))

let rest = Buffer.alloc(0)
let isAsked = false
let file
const rows = []
for await (const part of socket) {
  rest = Buffer.concat([rest, part])
  while (rest.length >= 5 && rest.length >= 1 + rest.readUInt32BE(1)) {
    const end = 1 + rest.readUInt32BE(1)
    take(String.fromCharCode(rest[0]), rest.subarray(5, end))
    rest = rest.subarray(end)
  }
}

function take(type, body) {
  if (type === 'E') throw new Error(body.toString().replaceAll('\0', ' '))
  if (type === 'D') rows.push(firstColumn(body))
  if (type === 'd') copied(body)
  if (type !== 'Z') return
  if (isAsked) {
    closeSync(file)
    copyLog(rows[0], rows.at(-1))
    process.exit(0)
  }
  isAsked = true
  const options = [
    `LABEL '${argument('label')}'`,
    ...["CHECKPOINT 'fast'", 'PROGRESS', 'WAIT 0', 'TABLESPACE_MAP'],
    ...["MANIFEST 'yes'", "MANIFEST_CHECKSUMS 'SHA256'", "TARGET 'client'"],
  ]
  socket.write(framed('Q', Buffer.from(`BASE_BACKUP (${options.join(', ')})\0`)))
}

/** A new archive, the manifest, data of the one that was begun, or progress. */
function copied(body) {
  const kind = String.fromCharCode(body[0])
  if (kind === 'n' || kind === 'm') {
    if (file !== undefined) closeSync(file)
    const name = kind === 'm' ? 'backup_manifest' : body.subarray(1, body.indexOf(0)).toString()
    file = openSync(join(directory, name), 'wx', 0o600)
  } else if (kind === 'd') writeSync(file, body.subarray(1))
}

/** The segments from one LSN to another, of 16 MiB. The server has ended the last one. */
function copyLog(start, stop) {
  const manifest = JSON.parse(readFileSync(join(directory, 'backup_manifest'), 'utf8'))
  const timeline = manifest['WAL-Ranges'][0].Timeline
  const numberOf = (lsn) => {
    const [high, low] = lsn.split('/').map((half) => Number.parseInt(half, 16))
    return high * 256 + (low >>> 24)
  }
  const hex = (value) => value.toString(16).toUpperCase().padStart(8, '0')
  const names = []
  for (let number = numberOf(start); number <= numberOf(stop); number++) {
    names.push(`${hex(timeline)}${hex(Math.floor(number / 256))}${hex(number % 256)}`)
  }
  const tar = execFileSync(
    'tar',
    ['--format=ustar', '-cf', '-', '-C', join(dataDirectory, 'pg_wal'), ...names],
    {
      maxBuffer: 2 ** 30,
    },
  )
  writeFileSync(join(directory, 'pg_wal.tar'), tar, { mode: 0o600 })
}

function firstColumn(body) {
  const length = body.readInt32BE(2)
  return length < 0 ? '' : body.subarray(6, 6 + length).toString()
}

function framed(type, body) {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}
