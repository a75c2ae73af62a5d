"""Mails as people bring them along, written for these tests in the manner of well-known public templates."""

OWN_DESIGN = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml"
      xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
<meta name="viewport" content="width=device-width" />
<title>Your offers, [=Affiliate.FirstName|friend=]</title>
<link href="styles.css" media="all" rel="stylesheet" type="text/css" />
<!--[if (gte mso 9)|(IE)]>
<style type="text/css">table {border-collapse: collapse !important;}</style>
<xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>
<![endif]-->
<style type="text/css">
/* what the client must not touch */
img { max-width: 100%; }
.btn-primary{text-decoration:none;color:#FFF;background-color:#348eda;border:solid #348eda;border-width:10px 20px}
@media only screen and (max-width: 640px) {
  .container { padding: 0 !important; width: 100% !important; }
  h1 { font-size: 22px !important; }
}
</style>
</head>
<body itemscope itemtype="http://schema.org/EmailMessage" bgcolor="#f6f6f6">
<span class="preheader" style="display: none !important; mso-hide:all;">Three offers that fit you.</span>
<table class="body-wrap" bgcolor="#f6f6f6" border=0 cellpadding="0" cellspacing="0"><tr><td></td>
\t<td class="container" width="600"><div class="content">
\t\t<table class="main" width="100%" itemprop="action" itemscope itemtype="http://schema.org/ConfirmAction">
\t\t\t<tr><td class="content-wrap"><meta itemprop="name" content="See offers"/>
\t\t\t\t<!--[if mso]><table width="600"><tr><td><![endif]-->
\t\t\t\t<p>Hi [= affiliate.firstname |there=], here is&nbsp;your link &#8212; &copy; 2026</p>
\t\t\t\t<table cellpadding="0"><tr><td><a class='btn-primary' href="[=Network.LoginURL=]?from=mail&amp;id=[=Affiliate.ID=]"
					target="_blank">See offers</a></td></tr></table>
\t\t\t\t<v:roundrect href="[=Network.LoginURL=]" style="height:36px;"><center>See offers</center></v:roundrect>
\t\t\t\t<!--[if mso]></td></tr></table><![endif]-->
\t\t\t\t<IMG SRC="https://pics.example.com/logo.png" ALT="logo" Width=120>
\t\t\t</td></tr></table>
\t\t<div class="footer">[=Network.Address=]<br/><a href="[=Unsubscribe.Link=]">Unsubscribe</a></div>
\t</div></td><td></td></tr></table>
</body>
</html>
"""

DOCUMENTS = {
    "unix": OWN_DESIGN,
    "windows": OWN_DESIGN.replace("\n", "\r\n"),
    "mixed": OWN_DESIGN.replace("\n", "\r\n", 20),
    "mark": "\ufeff" + OWN_DESIGN,
    "blanks": "\n\n" + OWN_DESIGN + "  \n\n",
    "fragment": "<table><tr><td>[=Affiliate.FirstName|you=]</td></tr></table>\n<p>ü €  &lt;b&gt;</p>",
    "one_line": OWN_DESIGN.replace("\n", " "),
}
