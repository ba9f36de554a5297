"""The words that lie in every bundle: what it is and how to check it without the program that made it."""

README = """\
EVIDENCE OF A COUNTED BALLOT

This bundle holds everything from which the result of one ballot was made. It was sealed after the result was declared.
A pattern of marks can betray a voter: open it only by a decision of whoever may order it, and destroy it when its time
is over.

manifest.json     the election, and the SHA-256 of every file here
pages/            the picture of every scanned page, under a name made of its pixels: the order in the box is not kept
layouts/          the ballot paper as printed, without any mark
decisions.json    each sheet: what the reader saw, what each member of the counting board said, what it counts for
cvr.json          the counted sheets as cast vote records (NIST SP 1500-103, version 1.0.0)
totals.json       the counts made apart, the agreed count, the result
audits.json       sample audits of the scans against the paper, with every paper that was drawn
stock.json        paper printed, issued, spoilt, left over, collected; the stacks of scans
people.json       the names behind m1, m2, ...
log.jsonl         the minute book from the ballot's first line on: in full where a line is about this ballot,
                  otherwise only its place in the chain (number, hash, hash of the line before)

To check it: python -m verifier BUNDLE --sealed HASH
HASH is printed in the counting record and stands in the minute book. The verifier computes every hash again, counts the
sheets again from the decisions alone, and names what does not fit.

Without it: unpack the ZIP. The SHA-256 of manifest.json must be HASH, and that of each file the one in manifest.json.
Seals: SHA-256 over the salt, a colon, and the JSON of what is sealed with sorted keys, without blanks, in ASCII.
Lines of the log: SHA-256 over the JSON of the line with sorted keys, without blanks and without the field "hash".
An .age file is opened with the tool age: age --decrypt [--identity KEYFILE] BUNDLE.age > bundle.zip


HỒ SƠ CHỨNG CỨ CỦA MỘT LẦN KIỂM PHIẾU

Gói này giữ mọi dữ liệu đã làm nên kết quả của một lần bầu và được niêm phong sau khi công bố kết quả. Cách đánh dấu
trên phiếu có thể làm lộ người bầu: chỉ mở khi có quyết định của cấp có thẩm quyền, hết hạn lưu giữ thì hủy.
Kiểm tra: python -m verifier GÓI --sealed MÃ. MÃ được in trong biên bản kiểm phiếu và ghi trong sổ biên bản.
"""
