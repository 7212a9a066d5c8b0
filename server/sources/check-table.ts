/** What a connection test can find, what it says, and what is to be done (ADMIN-1). */

interface CheckRow {
  /** In plain words; `{place}`, `{detail}` and the like are filled in. */
  readonly message: string
  /** What to do for ARI and for AMI; null: does not happen there. */
  readonly ari: string | null
  readonly ami: string | null
}

const OPEN_ARI =
  'http.conf needs enabled = yes and a bindaddr that is reachable from here (bindport 8088; with TLS tlsenable = yes and tlsbindaddr, port 8089); then "core restart now".'
const OPEN_AMI =
  'manager.conf needs enabled = yes and a bindaddr that is reachable from here (port 5038; with TLS tlsenable = yes and tlsbindaddr, port 5039); then "manager reload".'
const CERTIFICATE_ARI = 'the certificate is tlscertfile in http.conf'
const CERTIFICATE_AMI = 'the certificate is tlscertfile in manager.conf'
const both = (hint: string): Pick<CheckRow, 'ari' | 'ami'> => ({ ari: hint, ami: hint })
const certificate = (hint: string): Pick<CheckRow, 'ari' | 'ami'> => ({
  ari: `${hint}; ${CERTIFICATE_ARI}.`,
  ami: `${hint}; ${CERTIFICATE_AMI}.`,
})

export const CHECKS = {
  ok: {
    message: '{detail}',
    ari: 'Nothing. Where no extensions came with it: load res_ari_endpoints.so, and chan_pjsip.so or whichever channel driver has the phones; or write the extensions by hand.',
    ami: 'Nothing.',
  },
  'bad-address': {
    message: 'the address cannot be used: {detail}',
    ...both('Correct the address: the host name or the IP address of the PBX, and its port.'),
  },
  'name-not-found': {
    message: 'the name was not found: {detail}',
    ...both(
      'Check the spelling of the host, or write its IP address. The name must be known to the name server of this machine.',
    ),
  },
  'forbidden-address': {
    message: '{detail}',
    ...both(
      'Write the address by which the PBX is known in your network, such as 192.168.1.5; addresses such as 169.254.x.x, fe80:… and 0.0.0.0 are never asked.',
    ),
  },
  refused: {
    message: '{place} refuses the connection: nothing listens there',
    ari: `Check the port. ${OPEN_ARI}`,
    ami: `Check the port. ${OPEN_AMI}`,
  },
  unreachable: {
    message: '{place} cannot be reached from here: {detail}',
    ...both(
      'Check the address, and that there is a route to it: the VPN, the network of the container, the gateway.',
    ),
  },
  'timed-out': {
    message: '{place} does not take the connection: no answer in time',
    ari: `A firewall drops it, or the address is another machine's. Let TCP from this server to the port through. ${OPEN_ARI}`,
    ami: `A firewall drops it, or the address is another machine's. Let TCP from this server to the port through. ${OPEN_AMI}`,
  },
  silent: {
    message: '{place} takes the connection and then says nothing',
    ari: 'Something else listens on this port, or Asterisk hangs: check the port (8088 for HTTP, 8089 for HTTPS), and "http show status" in the Asterisk console.',
    ami: 'Something else listens on this port, or Asterisk hangs: check the port (5038, with TLS 5039), and "manager show settings" in the Asterisk console.',
  },
  unfinished: {
    message: '{place} begins to answer and does not come to an end',
    ari: 'Check the port (8088 for HTTP, 8089 for HTTPS): what answers there behaves as no Asterisk does. If it is one, it or the network is overloaded.',
    ami: 'Check the port (5038, with TLS 5039): what answers there behaves as no Asterisk does. If it is one, it or the network is overloaded.',
  },
  'too-large': {
    message: '{place} gives an answer that is far too large',
    ...both('This is no Asterisk: check host and port.'),
  },
  closed: {
    message: '{place} takes the connection and closes it before there is an answer',
    ari: 'Check the port and http:// or https://; a firewall or a proxy in between may cut it. In http.conf look at sessionlimit.',
    ami: 'Look at permit, deny and acl of the account in manager.conf, and at authlimit and allowmultiplelogin in its [general] section.',
  },
  'tls-self-signed': {
    message: 'the certificate of {place} is not valid: it is self-signed',
    ...certificate(
      'Give the PBX a certificate of an authority for this name, or switch off "verify the certificate" in this connection',
    ),
  },
  'tls-expired': {
    message: 'the certificate of {place} is not valid: it has expired',
    ...certificate(
      'Renew the certificate, and look at the clocks of the PBX and of this server if it should still be good',
    ),
  },
  'tls-not-yet': {
    message: 'the certificate of {place} is not valid yet',
    ...certificate('Look at the clocks of the PBX and of this server, or give the PBX another one'),
  },
  'tls-wrong-name': {
    message: 'the certificate of {place} is not valid: it is for another name',
    ...certificate(
      'Write the name that the certificate is for as the address, or give the PBX a certificate for this name',
    ),
  },
  'tls-untrusted': {
    message: 'the certificate of {place} is not valid: who issued it is not known here',
    ...certificate(
      'Let the PBX send the whole chain (certificate, then intermediate ones), make the authority known to this server by NODE_EXTRA_CA_CERTS, or switch off "verify the certificate" in this connection',
    ),
  },
  'tls-not-spoken': {
    message: '{place} does not speak TLS',
    ari: 'Port 8088 is plain HTTP: write http:// before the address. For HTTPS set tlsenable = yes and tlsbindaddr (port 8089) in http.conf.',
    ami: 'Port 5038 is without TLS: switch TLS off in this connection, or set tlsenable = yes and tlsbindaddr (port 5039) in manager.conf.',
  },
  'tls-needed': {
    message: '{place} speaks TLS only',
    ari: 'Write https:// before the address: port 8089 is HTTPS, plain HTTP is on 8088.',
    ami: 'Switch TLS on in this connection: port 5039 is with TLS, 5038 without.',
  },
  'tls-failed': {
    message: 'TLS with {place} does not come about: {detail}',
    ari: 'The PBX offers nothing newer than TLS 1.1, or asks for a certificate of ours: look at tlscipher, tlsdisablev11 and tlscafile in http.conf, and at the OpenSSL of the PBX.',
    ami: 'The PBX offers nothing newer than TLS 1.1, or asks for a certificate of ours: look at tlscipher, tlsdisablev11 and tlscafile in manager.conf, and at the OpenSSL of the PBX.',
  },
  redirect: {
    message: '{place} answers with a redirect ({detail}), which is not followed',
    ari: 'Asterisk redirects nobody: write the address of Asterisk itself, with http:// or https:// and the port (8088 for HTTP, 8089 for HTTPS).',
    ami: null,
  },
  'not-asterisk': {
    message: 'what answers at {place} is not Asterisk: {detail}',
    ari: 'Check host and port: Asterisk listens on 8088 (HTTP) and 8089 (HTTPS); 80 and 443 are often the web pages of the PBX. Behind a proxy write the path before /ari, too.',
    ami: 'Check host and port: the manager interface listens on 5038, with TLS on 5039; 8088 is ARI, 5060 is SIP.',
  },
  ssh: {
    message: 'an SSH server answers at {place}, not the manager interface',
    ari: null,
    ami: 'Port 22 is for logging in to the machine: write 5038, with TLS 5039, as the port.',
  },
  'http-error': {
    message: '{place} answers {detail}: what is behind it does not work',
    ari: 'A proxy in between does not reach the PBX, or Asterisk is just starting or stopping: look at its log, then test again.',
    ami: null,
  },
  'ari-off': {
    message: '{place} answers, but ARI is off there (HTTP 404)',
    ari: 'ari.conf needs enabled = yes in [general]; then "module load res_ari.so", "module load res_ari_asterisk.so" and "ari show status" in the Asterisk console. With a prefix in http.conf, write it into the address.',
    ami: null,
  },
  'no-websocket': {
    message: 'requests to {place} work, the websocket of events does not open: {detail}',
    ari: 'Load res_http_websocket.so and res_ari_events.so; a proxy in between must pass the Upgrade header on.',
    ami: null,
  },
  'wrong-login': {
    message: 'user or password are wrong: {detail}',
    ari: 'ari.conf needs a section [user name] with type = user and this password (password_format = plain); then "module reload res_ari.so".',
    ami: 'manager.conf needs a section [user name] with this secret, whose permit and deny let this server in; then "manager reload".',
  },
  'secret-not-sent': {
    message: '{place} offers no MD5 challenge, and without TLS the secret is not sent as it is',
    ari: null,
    ami: 'Switch TLS on in this connection, or let the manager interface itself answer: some proxies leave the challenge out.',
  },
  'no-rights': {
    message: '{detail}',
    ari: 'Events work where the test says that this user may only read; dialling and hanging up need read_only = no in its section of ari.conf. Where it may not even read, a proxy in between refuses it.',
    ami: 'In its section of manager.conf: read = call,agent,… is for the events, write = originate,call,agent,system,reporting for dialling, transfers, pauses and lists; then "manager reload". Where the test says that events work, only the controls that it names are missing.',
  },
} as const satisfies Readonly<Record<string, CheckRow>>

export type CheckCode = keyof typeof CHECKS

/** How a PBX that nothing can be heard of is opened (ADMIN-2). */
export const HOW_TO_OPEN = `Open the PBX for this server. ARI: ${OPEN_ARI} ari.conf: enabled = yes, and a section for the user. AMI: ${OPEN_AMI} The account's permit must let this server in. Firewall: TCP 8088 (8089) and 5038 (5039) from this server. The test of the connection says which of these it is.`

/** The words of a code, filled in. */
export function messageOf(
  code: CheckCode,
  values: { readonly place: string; readonly detail: string },
): string {
  return CHECKS[code].message
    .replace('{place}', () => values.place)
    .replace('{detail}', () => values.detail)
}
