# Verifies every signature of the message on stdin with Mail::DKIM. Arguments: pairs of record name and value.
use strict;
use warnings;
use Mail::DKIM::Verifier;
use Mail::DKIM::PublicKey;

my %dns = @ARGV;
no warnings 'redefine';
*Mail::DKIM::PublicKey::fetch_async = sub {
    my ($class, %asked) = @_;
    my $name = "$asked{Selector}._domainkey.$asked{Domain}";
    my $key = exists $dns{$name} ? Mail::DKIM::PublicKey->parse($dns{$name}) : undef;
    return sub { $asked{Callbacks}{Success}->($key) };
};
my $verifier = Mail::DKIM::Verifier->new();
local $/;
$verifier->PRINT(scalar <STDIN>);
$verifier->CLOSE;
print join(" ", map { $_->selector . "=" . $_->result } $verifier->signatures), "\n";
