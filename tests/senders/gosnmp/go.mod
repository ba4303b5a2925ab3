module trapkafka/tests/senders/gosnmp

go 1.17

require github.com/gosnmp/gosnmp v1.35.0
