<?php
// A helpdesk page with Ringside in it:
// EMBED_SECRET=… RINGSIDE_URL=http://127.0.0.1:3000 php -S 127.0.0.1:8000 php.php

const AGENTS = [
    'anna' => ['id' => 'anna', 'name' => 'Anna Petrova', 'email' => 'anna@helpdesk.example', 'extensions' => ['101']],
];

/** Who the agent is, signed: all that Ringside needs of a helpdesk. */
function ringside_token($id, $name, $email, $extensions) {
    $part = fn($text) => rtrim(strtr(base64_encode($text), '+/', '-_'), '=');
    $exp = time() + 3600; // at most 24 hours
    $claims = ['sub' => (string) $id, 'name' => $name, 'email' => $email, 'extensions' => $extensions];
    $claims += ['aud' => 'ringside', 'exp' => $exp];
    $text = $part('{"alg":"HS256","typ":"JWT"}') . '.' . $part(json_encode($claims));
    return $text . '.' . $part(hash_hmac('sha256', $text, getenv('EMBED_SECRET'), true));
}

// Your helpdesk knows who is signed in; this one believes a cookie.
$agent = AGENTS[$_COOKIE['agent'] ?? ''] ?? null;

if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) === '/token') {
    header('Content-Type: text/plain');
    header('Cache-Control: no-store');
    if ($agent === null) {
        http_response_code(401);
        echo 'Log in first.';
    } else {
        echo ringside_token(...$agent);
    }
    return;
}

setcookie('agent', 'anna', ['httponly' => true, 'samesite' => 'Lax']);
$ringside = getenv('RINGSIDE_URL') ?: 'http://127.0.0.1:3000';
?>
<!doctype html>
<html lang="en">
<title>Tickets</title>
<h1>Tickets</h1>
<p>Call the customer: <a href="tel:+74951234567">+7 495 123-45-67</a></p>
<script type="module" src="<?= htmlspecialchars($ringside) ?>/widget.js" data-token-url="/token" data-intercept-tel></script>
