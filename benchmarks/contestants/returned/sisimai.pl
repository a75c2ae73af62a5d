# Sisimai 4, as Debian packs it. Its `softbounce` is 1 for soft, 0 for hard, -1 where neither is meant.
use strict;
use warnings;
use JSON::PP;
use Sisimai;
use Time::HiRes qw(time);

my %kinds = (feedback => 'complaint', vacation => 'auto_reply', delivered => 'other');

while (my $file = <STDIN>) {
    chomp $file;
    open my $handle, '<:raw', $file or die "$file: $!";
    my $raw = do { local $/; <$handle> };
    my $started = time;
    my $found = eval { Sisimai->make(\$raw, delivered => 1) } || [];
    my $seconds = time - $started;
    my ($kind, %recipients) = ('other');
    for my $one (@$found) {
        $kind = $kinds{$one->reason} || 'bounce';
        my $soft = $one->softbounce;
        $recipients{$one->recipient->address} = $soft == 1 ? 'soft' : $soft == 0 ? 'hard' : 'unknown';
    }
    print encode_json({ kind => $kind, recipients => \%recipients, seconds => $seconds }), "\n";
}
open my $status, '<', '/proc/self/status' or die $!;
my ($peak) = map { /^VmHWM:\s+(\d+)/ } <$status>;
print encode_json({ rss_mb => $peak / 1024 }), "\n";
