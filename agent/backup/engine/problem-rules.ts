import type { BackupProblem } from '../../../common/backup/backup-problem.ts'

/** What is known of a command that failed. */
export interface FailureFacts {
  /** pgBackRest's, such as `backup`. */
  readonly command: string
  /** Numbers of its errors: the exit status, and those of the errors that it named. */
  readonly codes: ReadonlySet<number>
  /** All that it said. */
  readonly text: string
  readonly stanza: string
  readonly configFile: string
  /** All repositories are directories of this host: whom it asks by the network is another member. */
  readonly isLocal: boolean
}

interface Rule {
  readonly problem: BackupProblem
  readonly codes?: readonly number[]
  readonly text?: RegExp
  readonly when?: (facts: FailureFacts) => boolean
  /** What happened and what to do, half a sentence each. */
  readonly say: (facts: FailureFacts) => string
}

const isRestore = ({ command }: FailureFacts): boolean => command === 'restore'

/**
 * The first that fits. The numbers of pgBackRest's errors are its exit status (src/build/error/error.yaml of its source); the
 * same one stands for several reasons, which only the text tells apart, and reasons of the operating system are in it as `[28]`.
 */
const rules: readonly Rule[] = [
  {
    problem: 'configuration',
    codes: [126, 127],
    say: () => 'the program cannot be run; install pgBackRest, or correct backup.command',
  },
  {
    problem: 'configuration',
    text: /^sudo: |sudo: a password is required/m,
    say: () => 'sudo does not let this agent run pgBackRest; allow it without a password',
  },
  {
    problem: 'scratch-full',
    text: /\[(?:28|122)\] |No space left on device|Disk quota exceeded/,
    when: isRestore,
    say: () => 'the disk that is restored to is full; make room there or restore to another',
  },
  {
    problem: 'repository-full',
    text: /\[(?:28|122)\] |No space left on device|Disk quota exceeded|QuotaExceeded/,
    say: () => 'the repository is full; make room, or keep fewer backups',
  },
  // A process that pgBackRest has started does not tell the reason.
  {
    problem: 'scratch-full',
    codes: [64],
    when: isRestore,
    say: () => 'the disk that is restored to is full or broken',
  },
  {
    problem: 'repository-full',
    codes: [64],
    say: () => 'the repository is full or broken; make room, or keep fewer backups',
  },
  {
    problem: 'locked',
    codes: [50],
    text: /advisory lock/,
    say: () => 'another member of the cluster runs a backup; wait for it',
  },
  {
    problem: 'locked',
    codes: [50],
    say: ({ stanza }) => `another pgBackRest works on stanza ${stanza} on this host; wait for it`,
  },
  {
    problem: 'configuration',
    codes: [62],
    say: () => 'somebody has stopped pgBackRest here; `pgbackrest start` lets it go on',
  },
  {
    problem: 'configuration',
    text: /unable to check pg\d+: \[CryptoError\]/,
    say: () =>
      "the certificate of another member's pgbackrest server is not trusted; it is to name the address in members among its DNS names, and be of the authority in primary_access",
  },
  {
    problem: 'server-unreachable',
    text: /TLS error|unable to connect to '|\[HostConnectError\]/,
    when: ({ isLocal, text }) => isLocal && !text.includes("'dbname="),
    say: () => "another member's pgbackrest server does not answer; look whether the member and it run",
  },
  {
    problem: 'configuration',
    text: /verify certificate|certificate verify failed|unable to (?:load|set|parse) (?:CA|certificate|key)|unable to find hostname .* certificate/i,
    say: () => "the repository's certificate is not trusted; correct the CA file or the endpoint's name",
  },
  {
    problem: 'server-unreachable',
    text: /\[DbConnectError\]|unable to connect to 'dbname=|terminating connection|server closed the connection|the database system is /,
    say: () => 'PostgreSQL cannot be reached; start it, or correct port, socket path and user',
  },
  {
    problem: 'server-unreachable',
    codes: [56, 80],
    say: () => 'no primary can be reached; look whether the cluster has one',
  },
  {
    problem: 'failover',
    text: /recovery is in progress|not allowed during recovery|cannot be executed during recovery|promoted during/i,
    say: () => 'the server is not the primary any more; the primary is to run it',
  },
  {
    problem: 'version-mismatch',
    text: /greeting key 'version'|unexpected control version|expected format \d+ but found|is this version of PostgreSQL supported/,
    say: () =>
      'the versions of pgBackRest, its repository and PostgreSQL do not fit; install the same pgBackRest on all hosts',
  },
  {
    problem: 'version-mismatch',
    codes: [46],
    say: () => 'this pgBackRest does not know this version of PostgreSQL; install a newer one',
  },
  {
    problem: 'version-mismatch',
    codes: [51],
    text: /PostgreSQL version/,
    when: ({ text }) => {
      const [, server, stanza] = /PostgreSQL version ([\d.]+), .* stanza version ([\d.]+)/.exec(text) ?? []
      return server !== stanza
    },
    say: ({ stanza }) => `stanza ${stanza} is of another version of PostgreSQL; upgrade the stanza`,
  },
  {
    problem: 'stanza-mismatch',
    text: /do(?:es)? not match (?:stanza|the database|the archive)|is this the correct stanza/,
    say: ({ stanza }) =>
      `stanza ${stanza} is of another database system; choose another stanza or repository`,
  },
  {
    problem: 'stanza-mismatch',
    codes: [44, 51, 58],
    say: ({ stanza }) => `stanza ${stanza} is of another database system`,
  },
  {
    problem: 'repository-denied',
    text: /HTTP request failed with 40[13]|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken/,
    say: () => 'the object store refuses the key; correct key and secret, or the rights of the key',
  },
  {
    problem: 'configuration',
    text: /HTTP request failed with (?:301|307|400)|NoSuchBucket|AuthorizationHeaderMalformed/,
    say: () =>
      'the object store does not know that bucket, or not under this endpoint and region; correct them',
  },
  {
    problem: 'configuration',
    text: /\[(?:1|13|30)\] |Permission denied|Read-only file system/,
    when: isRestore,
    say: () =>
      "files cannot be written where they are restored to, or the repository cannot be read; correct the directory's owner",
  },
  {
    problem: 'repository-denied',
    text: /\[(?:1|13|30)\] |Permission denied|Read-only file system/,
    say: () => "pgBackRest's user may not work in the repository; correct the directory's owner and rights",
  },
  {
    problem: 'repository-denied',
    codes: [105],
    say: () => 'the repository refuses the credentials; correct them',
  },
  {
    problem: 'repository-unreachable',
    text: /HTTP request failed with (?:408|429|5\d\d)|timeout after \d+ms|unable to get address|Connection refused|unexpected EOF|\[(?:5|103|104|110|111|113|116)\] /i,
    say: () => 'the repository does not answer; look after its server and the network',
  },
  {
    problem: 'repository-unreachable',
    codes: [49, 101],
    say: () => 'the repository does not answer; look after its server and the network',
  },
  {
    problem: 'cipher',
    text: /key\/value found outside of section|cipher header invalid|unable to flush|wrong final block length|bad decrypt/,
    say: () => 'the repository cannot be decrypted; give the pass that it was made with',
  },
  {
    problem: 'cipher',
    codes: [95],
    say: () => 'the repository cannot be decrypted; give the pass that it was made with',
  },
  {
    problem: 'archive-missing',
    codes: [82],
    say: () =>
      "a segment of WAL did not reach the archive in time; look at archive_command in the server's log",
  },
  {
    problem: 'archive-missing',
    text: /WAL segments? .* (?:not archived|missing)|unable to find WAL|not found in the archive/i,
    say: () => 'WAL that is needed is not in the archive; look at archive_command',
  },
  {
    problem: 'archive-gap',
    codes: [45],
    say: () => 'the archive has a segment twice, with different content',
  },
  {
    problem: 'configuration',
    codes: [68, 87],
    say: ({ stanza }) =>
      `the server does not archive to stanza ${stanza}; set archive_mode and archive_command`,
  },
  {
    problem: 'configuration',
    codes: [55],
    when: ({ text, configFile }) => text.includes(`'${configFile}'`),
    say: ({ configFile }) => `there is no configuration ${configFile}`,
  },
  {
    problem: 'target-unreachable',
    text: /backup set \S+ is not valid|missing file '\S*\/backup\/[^/]+\/\d{8}-\d{6}F/,
    when: isRestore,
    say: () =>
      'that backup, or a file of it, is not in the repository: it was deleted meanwhile, or verify tells what is lost; choose another',
  },
  {
    problem: 'stanza-missing',
    codes: [55, 103, 104, 73, 75],
    text: /archive\.info|backup\.info|missing stanza/,
    say: ({ stanza }) =>
      `the repository has no stanza ${stanza}: it is not mounted, at another path, or has to be created`,
  },
  {
    problem: 'checksum',
    text: /invalid checksum|\[ChecksumError\]|invalid JSON value|decompressionFailed/,
    say: () =>
      'a file of the repository is damaged, and verify tells which; restore from another repository, make a full backup',
  },
  {
    problem: 'configuration',
    text: /automatic backup set selection cannot be performed/,
    say: () => 'that is no time; write it as 2026-11-23 10:00:00+00',
  },
  {
    problem: 'checksum',
    codes: [26, 29, 99],
    say: () =>
      'a file of the repository is damaged, and verify tells which; restore from another repository, make a full backup',
  },
  {
    problem: 'target-unreachable',
    codes: [75],
    say: () => 'no backup leads to that point; choose a later one, or another repository',
  },
  { problem: 'other', codes: [38], say: () => 'a server still runs in that directory; stop it' },
  { problem: 'other', codes: [40], say: () => 'the directory is not empty; empty it or choose another' },
  {
    problem: 'configuration',
    codes: [27, 30, 31, 32, 37, 43, 48, 72, 76, 78, 96],
    say: ({ configFile }) => `its options do not fit; correct ${configFile}`,
  },
  {
    problem: 'repository-unreachable',
    codes: [42, 52, 54],
    say: () => 'the repository cannot be read or written',
  },
  {
    problem: 'other',
    codes: [106],
    say: () => "the host's clock is behind the newest backup; set it right, or wait until it is ahead again",
  },
  { problem: 'other', codes: [63], say: () => 'somebody else ended it' },
]

/** @returns its class, and what happened and what to do */
export function judgeFailure(facts: FailureFacts): { readonly problem: BackupProblem; readonly say: string } {
  for (const { problem, codes, text, when, say } of rules) {
    if (codes?.some((code) => facts.codes.has(code)) === false) continue
    if (text?.test(facts.text) === false) continue
    if (when?.(facts) === false) continue
    return { problem, say: say(facts) }
  }
  return { problem: 'other', say: 'it failed' }
}
