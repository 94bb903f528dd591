// The token endpoint and the socket, in Go.
package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
)

var (
	key   = []byte(os.Getenv("TOKEN_KEY"))
	life  = seconds("TOKEN_LIFE", "900s")
	warn  = seconds("TOKEN_WARN", "60s")
	hello = seconds("HELLO", "10s")

	// Lets in the page's own host; CheckOrigin is the place for a list of others.
	upgrader = websocket.Upgrader{}
)

func seconds(name, otherwise string) time.Duration {
	text := os.Getenv(name)
	if text == "" {
		text = otherwise
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		log.Fatal(err)
	}
	return span
}

var errNoSession = errors.New("no such session")

// userOf is yours: it looks the session up. Only errNoSession may mean that there is none.
func userOf(r *http.Request) (string, error) {
	cookie, err := r.Cookie("session")
	if err != nil {
		return "", errNoSession
	}
	sessions := map[string]string{"cookie-of-ada": "ada", "cookie-of-grace": "grace"}
	if user, ok := sessions[cookie.Value]; ok {
		return user, nil
	}
	return "", errNoSession
}

func refresh(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	user, err := userOf(r)
	if errors.Is(err, errNoSession) {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "session_expired"})
		return
	}
	if err != nil { // a store that is down is no verdict on the session
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "unavailable"})
		return
	}
	claims := jwt.RegisteredClaims{Subject: user, ExpiresAt: jwt.NewNumericDate(time.Now().Add(life))}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]any{"error": "server_error"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": token, "expires_in": life.Seconds()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func readToken(text string) (*jwt.RegisteredClaims, error) {
	claims := &jwt.RegisteredClaims{}
	secret := func(*jwt.Token) (any, error) { return key, nil }
	_, err := jwt.ParseWithClaims(text, claims, secret, jwt.WithValidMethods([]string{"HS256"}))
	if err == nil && (claims.ExpiresAt == nil || claims.Subject == "") {
		err = errors.New("a token without an end or a user")
	}
	return claims, err
}

type frame struct {
	Type  string `json:"type"`
	ID    *int   `json:"id"`
	Token string `json:"token"`
}

// client belongs to the goroutine that reads; the timers only write.
type client struct {
	conn         *websocket.Conn
	writing      sync.Mutex
	user         string
	end, warning *time.Timer
}

func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.Close()
	conn.SetReadLimit(1_000_000)
	c := &client{conn: conn}
	c.end = time.AfterFunc(hello, func() { c.close("auth_timeout") })
	c.warning = time.AfterFunc(time.Hour, func() {})
	defer func() { c.end.Stop(); c.warning.Stop() }()

	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		var f frame
		_ = json.Unmarshal(data, &f) // what is no JSON has no type
		switch {
		case c.user == "" && f.Type == "auth":
			c.adopt(f.Token, nil)
		case c.user == "":
			c.close("auth_required")
		case f.Type == "auth_refresh":
			c.adopt(f.Token, f.ID)
		case f.Type == "ping":
			c.say("pong", map[string]any{})
		default:
			c.onMessage(data)
		}
	}
}

// onMessage is yours.
func (c *client) onMessage([]byte) {
	c.say("thanks", map[string]any{"user": c.user})
}

func (c *client) adopt(token string, id *int) {
	reply := map[string]any{}
	if id != nil {
		reply["id"] = *id
	}
	claims, err := readToken(token)
	if err != nil || (c.user != "" && c.user != claims.Subject) {
		code := "token_invalid"
		if err == nil {
			code = "subject_mismatch"
		}
		reply["code"], reply["retryable"] = code, false
		c.say("auth_error", reply)
		if c.user == "" || err == nil { // after a bad refresh the socket still has its current token
			c.close(code)
		}
		return
	}
	c.user = claims.Subject
	left := time.Until(claims.ExpiresAt.Time)
	c.end.Stop()
	c.warning.Stop()
	c.end = time.AfterFunc(left, func() { c.close("token_expired") })
	c.warning = time.AfterFunc(left-warn, func() {
		c.say("auth_expiring_soon", map[string]any{"expires_in": warn.Seconds()})
	})
	reply["expires_in"] = left.Seconds()
	c.say("auth_ok", reply)
}

func (c *client) say(kind string, fields map[string]any) {
	fields["type"] = kind
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_ = c.conn.WriteJSON(fields) // a failure ends the read loop, too
}

func (c *client) close(code string) {
	reason, _ := json.Marshal(map[string]string{"code": code})
	message := websocket.FormatCloseMessage(websocket.ClosePolicyViolation, string(reason))
	_ = c.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Second)) // for the client's half of the close
}

func main() {
	if len(key) < 32 {
		log.Fatal("TOKEN_KEY must hold 32 bytes or more")
	}
	http.HandleFunc("/auth/refresh", refresh)
	http.HandleFunc("/ws", serve)
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil))
}
