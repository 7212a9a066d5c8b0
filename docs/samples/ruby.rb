# A helpdesk page with Ringside in it: EMBED_SECRET=… RINGSIDE_URL=http://127.0.0.1:3000 ruby ruby.rb
require 'base64'
require 'cgi'
require 'json'
require 'openssl'
require 'socket'

AGENTS = {
  'anna' => { id: 'anna', name: 'Anna Petrova', email: 'anna@helpdesk.example', extensions: ['101'] }
}.freeze

# Who the agent is, signed: all that Ringside needs of a helpdesk.
def ringside_token(id:, name:, email:, extensions:)
  part = ->(text) { Base64.urlsafe_encode64(text, padding: false) }
  exp = Time.now.to_i + 3600 # at most 24 hours
  claims = { sub: id.to_s, name: name, email: email, extensions: extensions, aud: 'ringside', exp: exp }
  text = "#{part.('{"alg":"HS256","typ":"JWT"}')}.#{part.(JSON.generate(claims))}"
  "#{text}.#{part.(OpenSSL::HMAC.digest('SHA256', ENV.fetch('EMBED_SECRET'), text))}"
end

PAGE = <<~HTML
  <!doctype html>
  <html lang="en">
  <title>Tickets</title>
  <h1>Tickets</h1>
  <p>Call the customer: <a href="tel:+74951234567">+7 495 123-45-67</a></p>
  <script type="module" src="#{CGI.escapeHTML(ENV.fetch('RINGSIDE_URL', 'http://127.0.0.1:3000'))}/widget.js" data-token-url="/token" data-intercept-tel></script>
HTML

def answer(path, cookies)
  return ['200 OK', 'text/html; charset=utf-8', PAGE, 'Set-Cookie: agent=anna; HttpOnly; SameSite=Lax'] if path != '/token'

  # Your helpdesk knows who is signed in; this one believes a cookie.
  agent = AGENTS[cookies[/(?:^|; )agent=(\w+)/, 1]]
  return ['401 Unauthorized', 'text/plain', 'Log in first.', 'Cache-Control: no-store'] if agent.nil?

  ['200 OK', 'text/plain', ringside_token(**agent), 'Cache-Control: no-store']
end

server = TCPServer.new('127.0.0.1', Integer(ENV.fetch('PORT', '8000')))
puts "http://127.0.0.1:#{server.addr[1]}"
$stdout.flush
loop do
  Thread.new(server.accept) do |socket|
    _method, path = socket.gets.to_s.split
    headers = socket.each_line.take_while { |line| line.strip != '' }
    cookies = headers.grep(/\Acookie:/i).join.sub(/\Acookie:\s*/i, '').strip
    status, type, text, header = answer(path, cookies)
    socket.write "HTTP/1.1 #{status}\r\nContent-Type: #{type}\r\n#{header}\r\n" \
                 "Content-Length: #{text.bytesize}\r\nConnection: close\r\n\r\n#{text}"
    socket.close
  end
end
