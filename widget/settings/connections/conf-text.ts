/** What an admin pastes into the PBX's files to make an account for Ringside. */

export interface AccountText {
  readonly file: string
  readonly text: string
  /** Makes Asterisk read the file again. */
  readonly reload: string
}

/** A password that nobody has to think of, without what Asterisk's files read as a comment. */
export function makePassword(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return [...bytes].map((byte) => letters[byte % letters.length]).join('')
}

export function ariTexts(userName: string, password: string): readonly AccountText[] {
  return [
    {
      file: '/etc/asterisk/ari.conf',
      text: `[general]\nenabled = yes\n\n[${name(userName)}]\ntype = user\nread_only = no\npassword = ${value(password)}\n`,
      reload: 'asterisk -rx "module reload res_ari.so"',
    },
    {
      file: '/etc/asterisk/http.conf',
      text: '[general]\nenabled = yes\nbindaddr = 0.0.0.0\nbindport = 8088\n; with a certificate, for https:\n;tlsenable = yes\n;tlsbindaddr = 0.0.0.0:8089\n;tlscertfile = /etc/asterisk/keys/pbx.pem\n',
      reload: 'asterisk -rx "module reload http"',
    },
  ]
}

export function amiTexts(userName: string, secret: string): readonly AccountText[] {
  return [
    {
      file: '/etc/asterisk/manager.conf',
      text: `[general]\nenabled = yes\nport = 5038\nbindaddr = 0.0.0.0\n\n[${name(userName)}]\nsecret = ${value(secret)}\nread = call,agent,dialplan\nwrite = originate,call,agent,reporting,system\nwritetimeout = 5000\n; the address that Ringside comes from:\n;deny = 0.0.0.0/0.0.0.0\n;permit = 192.0.2.10/255.255.255.255\n`,
      reload: 'asterisk -rx "manager reload"',
    },
  ]
}

/** One line, and no bracket that would end the section's name. */
const name = (text: string): string => text.replaceAll(/[\r\n[\]]/g, '').trim() || 'ringside'

/** A semicolon begins a comment in Asterisk's files. */
const value = (text: string): string => text.replaceAll(/[\r\n]/g, '').replaceAll(';', '\\;')
