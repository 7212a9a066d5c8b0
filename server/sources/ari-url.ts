/** An ARI's address as an administrator wrote it, taken apart. */
export interface AriUrl {
  readonly isTls: boolean
  /** Without brackets. */
  readonly host: string
  readonly port: number
  /** What stands before `/ari`: the `prefix` of http.conf or a reverse proxy's path; often empty. */
  readonly prefix: string
}

/**
 * Reads `pbx.example.com:8089`, `http://10.0.0.5:8088/ari` and the like (ARI-1).
 *
 * @example parseAriUrl('pbx.example.com') // https, port 443
 */
export function parseAriUrl(text: string): { readonly url: AriUrl } | { readonly refusal: string } {
  const trimmed = text.trim()
  const refuse = (found: string): { refusal: string } => ({
    refusal: `${found}; expected an address such as https://pbx.example.com:8089`,
  })
  if (trimmed === '') return refuse('the address is empty')
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  const parsed = URL.parse(full)
  if (parsed === null) return refuse('the address cannot be read')
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    return refuse(`the address begins with ${parsed.protocol}//`)
  if (parsed.username !== '' || parsed.password !== '')
    return refuse('the address has a user name or password in it, which have their own fields')
  if (parsed.search !== '' || parsed.hash !== '') return refuse('the address has a query')
  const isTls = parsed.protocol === 'https:'
  return {
    url: {
      isTls,
      host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: parsed.port === '' ? (isTls ? 443 : 80) : Number(parsed.port),
      prefix: parsed.pathname.replace(/\/+$/, '').replace(/\/ari$/, ''),
    },
  }
}

/** `host:port` as it stands in a URL. */
export function hostOf(url: AriUrl): string {
  return `${url.host.includes(':') ? `[${url.host}]` : url.host}:${url.port}`
}
