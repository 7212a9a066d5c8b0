import { useEffect, useRef } from 'react'

const RINGSIDE_URL = 'https://calls.example.com'

/**
 * The widget in a React app, once near the root. React may mount it twice (StrictMode), move it or make it anew:
 * the connection stays. React 19 passes properties and attributes to custom elements; 18 passes attributes, which is enough.
 */
export function Ringside({ onOpenUser }) {
  const widget = useRef(null)

  useEffect(() => {
    // The script defines the element; to load it twice changes nothing.
    if (document.querySelector(`script[src="${RINGSIDE_URL}/widget.js"]`) !== null) return
    const script = document.createElement('script')
    script.type = 'module'
    script.src = `${RINGSIDE_URL}/widget.js`
    document.head.append(script)
  }, [])

  useEffect(() => {
    const element = widget.current
    const openUser = (event) => {
      // Ours is the page that opens it.
      event.preventDefault()
      onOpenUser(event.detail.user)
    }
    element.addEventListener('ringside-open-user', openUser)
    return () => element.removeEventListener('ringside-open-user', openUser)
  }, [onOpenUser])

  return <ringside-widget ref={widget} token-url="/token" server={RINGSIDE_URL} />
}
