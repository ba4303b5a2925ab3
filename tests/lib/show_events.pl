#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Events and records of refused packets (one JSON object a line, on standard input) as a person wants to read them. In Perl because snmptrapd itself
# brings Perl along, JSON::PP included, so tests/demo installs nothing for it.
use strict;
use warnings;
use JSON::PP;

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;
my $json = JSON::PP->new->utf8;
my $bold = -t STDOUT ? "\e[1m" : '';
my $off  = -t STDOUT ? "\e[0m" : '';

sub line { printf "  %-10s %s\n", @_ }

# ifDescr.7, bgpPeerState.192.0.2.1, or the number where no dictionary knows the OID.
sub name_of {
    my ($vb) = @_;
    return defined $vb->{name} ? join('.', $vb->{name}, @{ $vb->{index} }) : $vb->{oid};
}

sub value_of {
    my ($vb) = @_;
    my $value = $vb->{value} // '';
    return $vb->{type} eq 'integer' && $vb->{text} ne $value ? "$vb->{text} ($value)" : $vb->{text};
}

sub show_rejected {
    my ($record) = @_;
    my ($source, $snmp) = @$record{qw(source snmp)};

    printf "%sREJECTED  %s%s  from %s\n", $bold, $record->{reason}, $off, $source->{address} // 'no address';
    line('who', join ', ', map { "$_->[0] $_->[1]" } grep { defined $_->[1] } ['user', $snmp->{security_name}],
        ['engine', $snmp->{engine_id}], ['packets', $record->{count}]);
    line('why',    $record->{detail});
    line('remedy', $record->{remedy});
    print "\n";
}

while (<STDIN>) {
    my $event = eval { $json->decode($_) } or next;
    show_rejected($event) if ($event->{type} // '') eq 'rejected';
    next if ($event->{type} // '') ne 'trap';
    my ($source, $snmp, $trap, $alarm) = @$event{qw(source snmp trap alarm)};
    my $peer = defined $source->{address} ? "$source->{address} port $source->{port}" : 'no address';
    my $who  = $snmp->{version} eq '3' ? "v3 $snmp->{security_level} user $snmp->{security_name}" : "v$snmp->{version}";
    my $topology = $event->{topology};
    my $width    = 0;

    printf "%s%s  %s%s  on %s\n", $bold, uc $event->{severity}, $trap->{name} // $trap->{oid}, $off, $source->{device};
    line('trap',     "$trap->{oid}" . (defined $trap->{mib} ? " of $trap->{mib}" : ', which no dictionary knows'));
    line('received', "$event->{received}, $snmp->{pdu} by SNMP $who, $source->{transport} from $peer");
    line('summary',  $event->{summary});
    line('alarm',    defined $alarm->{key} ? "$alarm->{state} $alarm->{key}" : 'none');
    line('rule',     $event->{severity_rule}
            . (defined $event->{itil_priority} ? ", ITIL priority $event->{itil_priority}" : ''));
    line('repeats',  $event->{dedup}{repeats}) if $event->{dedup}{repeats};
    line('topology', join ', ', map { "$_ $topology->{$_}" } sort keys %$topology) if %$topology;
    for my $vb (@{ $event->{varbinds} }) {
        my $len = length name_of($vb);
        $width = $len if $len > $width;
    }
    printf "    %-*s = %s\n", $width, name_of($_), value_of($_) for @{ $event->{varbinds} };
    print "\n";
}
