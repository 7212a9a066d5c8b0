/** What the page's Content-Security-Policy keeps from the widget is one line for its developer, and quiet then (EMBED-5). */

/** Calls back once when requests to one of these addresses are refused; returns the end of it. */
export function onBlocked(addresses: readonly string[], listener: () => void): () => void {
  const stop = () => document.removeEventListener('securitypolicyviolation', onViolation)
  const onViolation = ({
    blockedURI,
    disposition,
    effectiveDirective,
  }: SecurityPolicyViolationEvent) => {
    const found = addresses.find((address) => blockedURI.startsWith(address))
    if (found === undefined || disposition !== 'enforce' || effectiveDirective !== 'connect-src')
      return
    stop()
    // biome-ignore lint/suspicious/noConsole: the page's developer is told here and nowhere else.
    console.warn(
      `ringside-widget: not connected, because of this page’s Content-Security-Policy. Add ${found} to "connect-src".`,
    )
    listener()
  }
  document.addEventListener('securitypolicyviolation', onViolation)
  return stop
}
