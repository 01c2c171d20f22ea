-- Lets the sample user of compose.yaml make copies beside its database `mydb`, so that restores are swapped in and can be
-- undone. Underscores are wildcards in a grant, hence the backslashes.
GRANT ALL PRIVILEGES ON `mydb\_\_%`.* TO 'user'@'%';
