/** What an admin pastes into the helpdesk: the functions of `docs/samples`, word for word (a test holds it). */

export interface Snippet {
  readonly id: string
  /** A name, the same in every language. */
  readonly label: string
  readonly code: string
}

/** The line that puts the widget on a page. */
export function scriptTag(server: string): string {
  return `<script type="module" src="${server}/widget.js" data-token-url="/ringside-token"></script>`
}

const node = `import { createHmac } from 'node:crypto'

const { EMBED_SECRET = '' } = process.env

function ringsideToken({ id, name, email, extensions }) {
  const part = (data) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600 // at most 24 hours
  const claims = { sub: String(id), name, email, extensions, aud: 'ringside', exp }
  const text = \`\${part({ alg: 'HS256', typ: 'JWT' })}.\${part(claims)}\`
  return \`\${text}.\${createHmac('sha256', EMBED_SECRET).update(text).digest('base64url')}\`
}`

const php = `<?php
function ringside_token($id, $name, $email, $extensions) {
    $part = fn($text) => rtrim(strtr(base64_encode($text), '+/', '-_'), '=');
    $exp = time() + 3600; // at most 24 hours
    $claims = ['sub' => (string) $id, 'name' => $name, 'email' => $email, 'extensions' => $extensions];
    $claims += ['aud' => 'ringside', 'exp' => $exp];
    $text = $part('{"alg":"HS256","typ":"JWT"}') . '.' . $part(json_encode($claims));
    return $text . '.' . $part(hash_hmac('sha256', $text, getenv('EMBED_SECRET'), true));
}`

const python = `import base64, hashlib, hmac, json, os, time

def ringside_token(id, name, email, extensions):
    """Who the agent is, signed: all that Ringside needs of a helpdesk."""
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    exp = int(time.time()) + 3600  # at most 24 hours
    claims = {"sub": str(id), "name": name, "email": email, "extensions": extensions}
    claims |= {"aud": "ringside", "exp": exp}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = hmac.new(os.environ["EMBED_SECRET"].encode(), text, hashlib.sha256).digest()
    return (text + b"." + part(signature)).decode()`

const ruby = `require 'base64'
require 'json'
require 'openssl'

def ringside_token(id:, name:, email:, extensions:)
  part = ->(text) { Base64.urlsafe_encode64(text, padding: false) }
  exp = Time.now.to_i + 3600 # at most 24 hours
  claims = { sub: id.to_s, name: name, email: email, extensions: extensions, aud: 'ringside', exp: exp }
  text = "#{part.('{"alg":"HS256","typ":"JWT"}')}.#{part.(JSON.generate(claims))}"
  "#{text}.#{part.(OpenSSL::HMAC.digest('SHA256', ENV.fetch('EMBED_SECRET'), text))}"
end`

/** How a helpdesk's server signs who its agent is (EMBED-7). */
export const SNIPPETS: readonly Snippet[] = [
  { id: 'node', label: 'Node.js', code: node },
  { id: 'php', label: 'PHP', code: php },
  { id: 'python', label: 'Python', code: python },
  { id: 'ruby', label: 'Ruby', code: ruby },
]
