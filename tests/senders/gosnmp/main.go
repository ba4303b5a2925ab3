// SPDX-License-Identifier: Apache-2.0

// gosnmp-sender reads a JSON list of jobs from standard input and sends each as an SNMPv3 notification. It prints one
// line of JSON for each job: {"error": ""} if a trap was sent, or an INFORM was answered.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gosnmp/gosnmp"
)

// A member that is left out is empty. Without a protocol the security level is lower. Engine, boots and time are for
// traps; for an INFORM, gosnmp discovers those of the receiver.
type job struct {
	Host         string
	Port         uint16
	Local        string // the address to send from
	User         string
	Auth         string
	AuthPassword string `json:"auth_password"`
	Priv         string
	PrivPassword string `json:"priv_password"`
	Inform       bool
	Engine       string // hex
	Boots        uint32
	Time         uint32
	Uptime       uint32
	Trap         string
	Varbind      string // OID of an octet string
	Text         string // its value
	TimeoutMs    int    `json:"timeout_ms"`
}

type result struct {
	Error string `json:"error"`
}

var auths = map[string]gosnmp.SnmpV3AuthProtocol{
	"": gosnmp.NoAuth, "MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA-224": gosnmp.SHA224, "SHA-256": gosnmp.SHA256,
	"SHA-384": gosnmp.SHA384, "SHA-512": gosnmp.SHA512,
}

var privs = map[string]gosnmp.SnmpV3PrivProtocol{
	"": gosnmp.NoPriv, "DES": gosnmp.DES, "AES": gosnmp.AES, "AES-192": gosnmp.AES192, "AES-256": gosnmp.AES256,
	"AES-192-C": gosnmp.AES192C, "AES-256-C": gosnmp.AES256C,
}

func send(j job) error {
	auth, isAuth := auths[j.Auth]
	priv, isPriv := privs[j.Priv]
	if !isAuth || !isPriv {
		return fmt.Errorf("unknown protocol: '%s' '%s'", j.Auth, j.Priv)
	}
	engine, err := hex.DecodeString(j.Engine)
	if err != nil {
		return err
	}
	level := gosnmp.NoAuthNoPriv
	if j.Priv != "" {
		level = gosnmp.AuthPriv
	} else if j.Auth != "" {
		level = gosnmp.AuthNoPriv
	}
	timeout := 2 * time.Second
	if j.TimeoutMs > 0 {
		timeout = time.Duration(j.TimeoutMs) * time.Millisecond
	}
	client := &gosnmp.GoSNMP{
		Target: j.Host, Port: j.Port, Transport: "udp", Version: gosnmp.Version3, Timeout: timeout, Retries: 0,
		MsgFlags: level, SecurityModel: gosnmp.UserSecurityModel, ContextEngineID: string(engine),
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: j.User, AuthoritativeEngineID: string(engine), AuthoritativeEngineBoots: j.Boots,
			AuthoritativeEngineTime: j.Time, AuthenticationProtocol: auth, AuthenticationPassphrase: j.AuthPassword,
			PrivacyProtocol: priv, PrivacyPassphrase: j.PrivPassword,
		},
	}
	if j.Local != "" {
		client.LocalAddr = j.Local + ":0"
	}
	if err := client.Connect(); err != nil {
		return err
	}
	defer client.Conn.Close()
	variables := []gosnmp.SnmpPDU{
		{Name: ".1.3.6.1.2.1.1.3.0", Type: gosnmp.TimeTicks, Value: j.Uptime},
		{Name: ".1.3.6.1.6.3.1.1.4.1.0", Type: gosnmp.ObjectIdentifier, Value: "." + strings.TrimPrefix(j.Trap, ".")},
	}
	if j.Varbind != "" {
		variables = append(variables, gosnmp.SnmpPDU{Name: "." + j.Varbind, Type: gosnmp.OctetString, Value: j.Text})
	}
	_, err = client.SendTrap(gosnmp.SnmpTrap{Variables: variables, IsInform: j.Inform})
	return err
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		fmt.Fprintln(os.Stderr, "gosnmp-sender: standard input has no list of jobs:", err)
		os.Exit(2)
	}
	results := make([]result, len(jobs))
	at := make(chan int)
	var workers sync.WaitGroup
	for n := 0; n < 4; n++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range at {
				if err := send(jobs[i]); err != nil {
					results[i].Error = err.Error()
				}
			}
		}()
	}
	for i := range jobs {
		at <- i
	}
	close(at)
	workers.Wait()
	out := json.NewEncoder(os.Stdout)
	for _, r := range results {
		_ = out.Encode(r)
	}
}
