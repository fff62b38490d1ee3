package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-zeromq/zmq4"
)

// The wire protocol of Jupyter's messaging specification 5.3: frames
// <IDS|MSG>, signature, header, parent header, metadata, content, signed by
// HMAC-SHA256 over the last four.

const (
	protocolVersion = "5.3"
	delimiter       = "<IDS|MSG>"
)

type header struct {
	ID       string `json:"msg_id"`
	Username string `json:"username"`
	Session  string `json:"session"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	Date     string `json:"date"`
}

// message is a received message and the channel it came by.
type message struct {
	channel        string
	header, parent header
	content        map[string]any
}

func (m message) text(field string) string {
	s, _ := m.content[field].(string)
	return s
}

type signer []byte

func (key signer) sign(frames ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, f := range frames {
		mac.Write(f)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// encode returns the frames of a message without a parent.
func (key signer) encode(h header, content any) (zmq4.Msg, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return zmq4.Msg{}, err
	}
	body, err := json.Marshal(content)
	if err != nil {
		return zmq4.Msg{}, err
	}
	empty := []byte("{}")
	return zmq4.NewMsgFrom([]byte(delimiter), key.sign(head, empty, empty, body), head, empty, empty, body), nil
}

// decode reads a received message; routing identities and subscription topics
// before the delimiter are skipped.
func (key signer) decode(frames [][]byte) (m message, err error) {
	for i := range frames {
		if string(frames[i]) == delimiter {
			frames = frames[i+1:]
			break
		}
	}
	if len(frames) < 5 {
		return m, errors.New("jupyter: message with too few frames")
	}
	if !hmac.Equal(frames[0], key.sign(frames[1:5]...)) {
		return m, errors.New("jupyter: message with a wrong signature")
	}
	if err := json.Unmarshal(frames[1], &m.header); err != nil {
		return m, fmt.Errorf("jupyter: header: %w", err)
	}
	if err := json.Unmarshal(frames[2], &m.parent); err != nil {
		return m, fmt.Errorf("jupyter: parent header: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(frames[4]))
	d.UseNumber() // JSON outputs keep their digits
	if err := d.Decode(&m.content); err != nil {
		return m, fmt.Errorf("jupyter: content: %w", err)
	}
	return m, nil
}

// newID returns a random identifier.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
