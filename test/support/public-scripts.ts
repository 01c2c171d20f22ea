/** A script of the database `shop` as some tool or a public sample writes it. */
export interface PublicScript {
  of: string;
  text: string;
  /** Has the header and the end mark of a dump tool. */
  isWhole?: boolean;
  /** What the answer says was left out. */
  leftOut?: readonly string[];
}

/** What each of them holds: tables `customers` and `orders` with these rows, and a view of customers with orders. */
export const CUSTOMERS = [
  { id: 1, name: "Zoë; O'Hara" },
  { id: 2, name: 'tab\tand `shop`.`customers`' },
] as const;
export const ORDERS = 3;

const ZOE = "'Zoë; O''Hara'";
const TAB = "'tab\\tand `shop`.`customers`'";
const KEPT_SETTINGS = `/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
`;
const RESET = `/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
`;
const OLD = `SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;
SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;
SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='TRADITIONAL,ALLOW_INVALID_DATES';
`;
const OLD_BACK = `SET SQL_MODE=@OLD_SQL_MODE;
SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;
SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS;
`;
const TABLES = `CREATE TABLE \`customers\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`name\` varchar(90) DEFAULT NULL COMMENT 'USE x;',
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4;
CREATE TABLE \`orders\` (
  \`id\` int NOT NULL,
  \`customer\` int DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`customer\` (\`customer\`),
  CONSTRAINT \`of\` FOREIGN KEY (\`customer\`) REFERENCES \`customers\` (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
`;
const VIEW =
  'VIEW `v` AS select `c`.`id` AS `id`,`c`.`name` AS `name` from (`customers` `c` join `orders` `o` on((`o`.`customer` = `c`.`id`)))';
const MYSQLDUMP = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t8.0.36

/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
`;

/** The public samples and the exports of widely used tools, in small. */
export const PUBLIC_SCRIPTS: readonly PublicScript[] = [
  {
    of: 'phpMyAdmin',
    leftOut: ['CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
    text: `-- phpMyAdmin SQL Dump
-- version 5.2.1
-- Host: 127.0.0.1
-- Server version: 10.4.32-MariaDB

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

${KEPT_SETTINGS}/*!40101 SET NAMES utf8mb4 */;

--
-- Database: \`shop\`
--
CREATE DATABASE IF NOT EXISTS \`shop\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE \`shop\`;

DELIMITER $$
--
-- Procedures
--
CREATE DEFINER=\`root\`@\`localhost\` PROCEDURE \`p\` ()   BEGIN SELECT ';'; SELECT 2; END$$

DELIMITER ;

-- --------------------------------------------------------

--
-- Table structure for table \`customers\`
--

CREATE TABLE \`customers\` (
  \`id\` int(11) NOT NULL,
  \`name\` varchar(90) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

--
-- Dumping data for table \`customers\`
--

INSERT INTO \`customers\` (\`id\`, \`name\`) VALUES
(1, ${ZOE}),
(2, ${TAB});

--
-- Table structure for table \`orders\`
--

CREATE TABLE \`orders\` (
  \`id\` int(11) NOT NULL,
  \`customer\` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

--
-- Dumping data for table \`orders\`
--

INSERT INTO \`orders\` (\`id\`, \`customer\`) VALUES
(1, 1),
(2, 1),
(3, 2);

-- Stand-in structure for view \`v\`
CREATE TABLE \`v\` (
\`id\` int(11)
,\`name\` varchar(90)
);

-- Structure for view \`v\`
DROP TABLE IF EXISTS \`v\`;

CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER ${VIEW} ;

--
-- Indexes for dumped tables
--

--
-- Indexes for table \`customers\`
--
ALTER TABLE \`customers\`
  ADD PRIMARY KEY (\`id\`);

--
-- Indexes for table \`orders\`
--
ALTER TABLE \`orders\`
  ADD PRIMARY KEY (\`id\`),
  ADD KEY \`customer\` (\`customer\`);

--
-- AUTO_INCREMENT for dumped tables
--

--
-- AUTO_INCREMENT for table \`customers\`
--
ALTER TABLE \`customers\`
  MODIFY \`id\` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;

--
-- Constraints for dumped tables
--

--
-- Constraints for table \`orders\`
--
ALTER TABLE \`orders\`
  ADD CONSTRAINT \`of\` FOREIGN KEY (\`customer\`) REFERENCES \`customers\` (\`id\`) ON DELETE CASCADE;
COMMIT;

${RESET}`,
  },
  {
    of: 'Adminer',
    leftOut: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop', 'USE shop'],
    text: `-- Adminer 4.8.1 MySQL 8.0.33 dump

SET NAMES utf8;
SET time_zone = '+00:00';
SET foreign_key_checks = 0;
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';

DROP DATABASE IF EXISTS \`shop\`;
CREATE DATABASE \`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE \`shop\`;

DELIMITER ;;

DROP PROCEDURE IF EXISTS \`p\`;;
CREATE PROCEDURE \`p\` ()
BEGIN SELECT 1; SELECT 2; END;;

DELIMITER ;

SET NAMES utf8mb4;

${TABLES}
ALTER TABLE \`orders\` ADD \`paid\` bit(1) NOT NULL DEFAULT b'0';
INSERT INTO \`customers\` (\`id\`, \`name\`) VALUES
(1,\t${ZOE}),
(2,\t${TAB});
INSERT INTO \`orders\` (\`id\`, \`customer\`, \`paid\`) VALUES
(1,\t1,\tCONV('1', 2, 10) + 0),
(2,\t1,\tb'0'),
(3,\t2,\tb'1');

DELIMITER ;;

CREATE TRIGGER \`tr\` BEFORE INSERT ON \`orders\` FOR EACH ROW
BEGIN SET NEW.paid = 1; END;;

DELIMITER ;

CREATE TABLE \`v\` (\`id\` int, \`name\` varchar(90));

DROP TABLE IF EXISTS \`v\`;
CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER ${VIEW};

-- 2026-11-30 10:00:00
`,
  },
  {
    of: 'HeidiSQL, with a byte order mark and the line ends of Windows',
    leftOut: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
    text: `\ufeff-- --------------------------------------------------------
-- Host:                         127.0.0.1
-- Server version:               8.0.30 - MySQL Community Server - GPL
-- HeidiSQL Version:             12.1.0.6537
-- --------------------------------------------------------

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8 */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;


-- Dumping database structure for shop
DROP DATABASE IF EXISTS \`shop\`;
CREATE DATABASE IF NOT EXISTS \`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
USE \`shop\`;

-- Dumping structure for table shop.customers
${TABLES}
-- Dumping data for table shop.customers: ~2 rows (approximately)
/*!40000 ALTER TABLE \`customers\` DISABLE KEYS */;
INSERT INTO \`customers\` (\`id\`, \`name\`) VALUES
\t(1, ${ZOE}),
\t(2, ${TAB});
/*!40000 ALTER TABLE \`customers\` ENABLE KEYS */;
INSERT INTO \`orders\` VALUES (1, 1), (2, 1), (3, 2);

-- Dumping structure for trigger shop.tr
SET @OLDTMP_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO';
DELIMITER //
CREATE TRIGGER \`tr\` BEFORE INSERT ON \`orders\` FOR EACH ROW BEGIN
  SET NEW.customer = NULL;
END//
DELIMITER ;
SET SQL_MODE=@OLDTMP_SQL_MODE;

-- Removing temporary table and create final VIEW structure
CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER ${VIEW};

/*!40103 SET TIME_ZONE=IFNULL(@OLD_TIME_ZONE, 'system') */;
/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;
/*!40014 SET FOREIGN_KEY_CHECKS=IFNULL(@OLD_FOREIGN_KEY_CHECKS, 1) */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40111 SET SQL_NOTES=IFNULL(@OLD_SQL_NOTES, 1) */;
`.replaceAll('\n', '\r\n'),
  },
  {
    of: 'DBeaver',
    leftOut: ['"shop." before the names'],
    text: `-- shop.customers definition

${TABLES}
INSERT INTO shop.customers (id,name) VALUES
\t (1,${ZOE}),
\t (2,${TAB});
INSERT INTO shop.orders (id,customer) VALUES
\t (1,1),
\t (2,1),
\t (3,2);

-- shop.v source
CREATE OR REPLACE
ALGORITHM = UNDEFINED VIEW \`shop\`.\`v\` AS
select
    \`c\`.\`id\` AS \`id\`,
    \`c\`.\`name\` AS \`name\`
from
    (\`shop\`.\`customers\` \`c\`
join \`shop\`.\`orders\` \`o\` on
    ((\`o\`.\`customer\` = \`c\`.\`id\`)));
`,
  },
  {
    of: 'DataGrip',
    leftOut: ['"shop." before the names'],
    text: `create table shop.customers
(
    id   int auto_increment
        primary key,
    name varchar(90) null
)
    charset = utf8mb4;

create table shop.orders
(
    id       int not null
        primary key,
    customer int null,
    constraint \`of\`
        foreign key (customer) references shop.customers (id)
);

insert into shop.customers (id, name) values (1, ${ZOE});
INSERT INTO shop.customers (id, name) VALUES (2, ${TAB});
INSERT INTO shop.orders (id, customer) VALUES (1, 1);
INSERT INTO shop.orders (id, customer) VALUES (2, 1);
INSERT INTO shop.orders (id, customer) VALUES (3, 2);

create definer = root@localhost view shop.v as
select \`shop\`.\`customers\`.\`id\` AS \`id\`, \`shop\`.\`customers\`.\`name\` AS \`name\`
from \`shop\`.\`customers\`, \`shop\`.\`orders\`
where \`shop\`.\`orders\`.\`customer\` = \`shop\`.\`customers\`.\`id\`;

create procedure shop.p() select 1`,
  },
  {
    of: 'MySQL Workbench and northwind',
    leftOut: ['DROP SCHEMA IF EXISTS shop', 'CREATE SCHEMA IF NOT EXISTS shop', 'USE shop', '"shop." before the names'],
    text: `-- MySQL Workbench Forward Engineering

${OLD}
DROP SCHEMA IF EXISTS \`shop\` ;
CREATE SCHEMA IF NOT EXISTS \`shop\` DEFAULT CHARACTER SET utf8mb4 ;
USE \`shop\` ;

-- -----------------------------------------------------
-- Table \`shop\`.\`customers\`
-- -----------------------------------------------------
DROP TABLE IF EXISTS \`shop\`.\`customers\` ;

CREATE TABLE IF NOT EXISTS \`shop\`.\`customers\` (
  \`id\` INT NOT NULL AUTO_INCREMENT,
  \`name\` VARCHAR(90) NULL DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE INDEX \`id_UNIQUE\` (\`id\` ASC))
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS \`shop\`.\`orders\` (
  \`id\` INT NOT NULL,
  \`customer\` INT NULL,
  PRIMARY KEY (\`id\`),
  INDEX \`fk_idx\` (\`customer\` ASC),
  CONSTRAINT \`of\`
    FOREIGN KEY (\`customer\`)
    REFERENCES \`shop\`.\`customers\` (\`id\`)
    ON DELETE NO ACTION
    ON UPDATE NO ACTION)
ENGINE = InnoDB;

USE \`shop\` ;
-- -----------------------------------------------------
-- View \`shop\`.\`v\`
-- -----------------------------------------------------
CREATE  OR REPLACE VIEW \`shop\`.\`v\` AS SELECT c.id, c.name FROM shop.customers c, shop.orders o WHERE o.customer = c.id;

DELIMITER $$
USE \`shop\`$$
CREATE PROCEDURE \`shop\`.\`p\` ()
BEGIN
  SELECT 1;
END$$
USE \`shop\`$$
CREATE TRIGGER \`shop\`.\`tr\` BEFORE UPDATE ON \`shop\`.\`orders\` FOR EACH ROW BEGIN SET NEW.customer = 1; END$$

DELIMITER ;

${OLD_BACK}
#
# Dumping data for table 'customers'
#

USE shop;

INSERT INTO \`customers\` (\`id\`, \`name\`) VALUES (1, ${ZOE});
INSERT INTO \`shop\`.\`customers\` (\`id\`, \`name\`) VALUES (2, ${TAB});
# 2 records
INSERT INTO \`shop\`.\`orders\` (\`id\`, \`customer\`) VALUES (1, 1), (2, 1), (3, 2);
`,
  },
  {
    of: 'MySQL Workbench Synchronization',
    leftOut: ['ALTER SCHEMA shop', '"shop." before the names'],
    text: `-- MySQL Workbench Synchronization
-- Generated: 2026-11-30 10:02
-- Model: New Model

${OLD}
ALTER SCHEMA \`shop\`  DEFAULT CHARACTER SET utf8mb4  DEFAULT COLLATE utf8mb4_general_ci ;

CREATE TABLE IF NOT EXISTS \`shop\`.\`customers\` (
  \`id\` INT(11) NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (\`id\`))
ENGINE = InnoDB
DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS \`shop\`.\`orders\` (\`id\` INT(11) NOT NULL PRIMARY KEY, \`customer\` INT(11));

ALTER TABLE \`shop\`.\`customers\`
ADD COLUMN \`name\` VARCHAR(90) NULL AFTER \`id\`;

INSERT INTO \`shop\`.\`customers\` VALUES (1, ${ZOE}), (2, ${TAB});
INSERT INTO \`shop\`.\`orders\` VALUES (1, 1), (2, 1), (3, 2);

ALTER TABLE \`shop\`.\`orders\`
ADD CONSTRAINT \`of\` FOREIGN KEY (\`customer\`) REFERENCES \`shop\`.\`customers\` (\`id\`);

CREATE OR REPLACE ${VIEW.replaceAll('`customers`', '`shop`.`customers`').replace('`orders`', '`shop`.`orders`')};

${OLD_BACK}`,
  },
  {
    of: 'mysqlpump',
    isWhole: true,
    leftOut: ['CREATE DATABASE IF NOT EXISTS shop', 'USE shop', '"shop." before the names'],
    text: `-- Dump created by MySQL pump utility, version: 8.0.30, Linux (x86_64)
-- Dump start time: Mon Nov 30 10:00:00 2026
-- Server version: 8.0.30

SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;
SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;
SET @OLD_SQL_MODE=@@SQL_MODE;
SET SQL_MODE="NO_AUTO_VALUE_ON_ZERO";
SET @@SESSION.SQL_LOG_BIN= 0;
SET @OLD_TIME_ZONE=@@TIME_ZONE;
SET TIME_ZONE='+00:00';
SET NAMES utf8mb4;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;
CREATE TABLE \`shop\`.\`customers\` (
\`id\` int NOT NULL AUTO_INCREMENT,
\`name\` varchar(90) DEFAULT NULL,
PRIMARY KEY (\`id\`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4
;
DROP VIEW IF EXISTS \`shop\`.\`v\`;
CREATE VIEW \`shop\`.\`v\` AS SELECT
 1 AS \`id\`,
 1 AS \`name\`;
INSERT INTO \`shop\`.\`customers\` VALUES (1,"Zoë; O'Hara"),(2,"tab\\tand \`shop\`.\`customers\`");
CREATE TABLE \`shop\`.\`orders\` (
\`id\` int NOT NULL,
\`customer\` int DEFAULT NULL,
PRIMARY KEY (\`id\`)
) ENGINE=InnoDB
;
INSERT INTO \`shop\`.\`orders\` VALUES (1,1),(2,1),(3,2);
USE \`shop\`;
ALTER TABLE \`shop\`.\`orders\` ADD CONSTRAINT \`of\` FOREIGN KEY (\`customer\`) REFERENCES \`customers\` (\`id\`);
DELIMITER //
/*!50017 CREATE*/ /*!50003 DEFINER=\`root\`@\`localhost\`*/ /*!50017 TRIGGER \`shop\`.\`tr\` BEFORE INSERT ON \`orders\` FOR EACH ROW BEGIN
    SET NEW.customer = 1;
END */
//
DELIMITER ;
;
DROP VIEW IF EXISTS \`shop\`.\`v\`;
CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER VIEW \`shop\`.\`v\` AS select \`c\`.\`id\` AS \`id\`,\`c\`.\`name\` AS \`name\` from (\`shop\`.\`customers\` \`c\` join \`shop\`.\`orders\` \`o\` on((\`o\`.\`customer\` = \`c\`.\`id\`)));
SET TIME_ZONE=@OLD_TIME_ZONE;
SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;
SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS;
SET SQL_MODE=@OLD_SQL_MODE;
-- Dump end time: Mon Nov 30 10:00:01 2026
`,
  },
  {
    of: 'sakila',
    leftOut: ['DROP SCHEMA IF EXISTS shop', 'CREATE SCHEMA shop', 'USE shop', '"shop." before the names'],
    text: `-- Sakila Sample Database Schema
-- Version 1.2

${OLD}
DROP SCHEMA IF EXISTS shop;
CREATE SCHEMA shop;
USE shop;

CREATE TABLE customers (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(90),
  /*!50705 location GEOMETRY,*/
  PRIMARY KEY  (id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE orders (
  id INT NOT NULL PRIMARY KEY,
  customer SMALLINT UNSIGNED,
  CONSTRAINT fk_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE RESTRICT ON UPDATE CASCADE
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE names (id INT, name VARCHAR(90));

--
-- Triggers for loading names from customers
--
DELIMITER ;;
CREATE TRIGGER \`ins_customer\` AFTER INSERT ON \`customers\` FOR EACH ROW BEGIN
    INSERT INTO names (id, name)
        VALUES (new.id, new.name);
  END;;

CREATE TRIGGER \`upd_customer\` AFTER UPDATE ON \`customers\` FOR EACH ROW BEGIN
    IF (old.name != new.name) OR (old.id != new.id)
    THEN
        UPDATE names
            SET name=new.name,
                id=new.id
        WHERE id=old.id;
    END IF;
  END;;
DELIMITER ;

CREATE DEFINER=CURRENT_USER SQL SECURITY INVOKER VIEW v
AS
SELECT c.id, c.name, (SELECT COUNT(*) FROM shop.orders x) AS n
FROM shop.customers c
LEFT JOIN shop.orders o ON c.id = o.customer
WHERE o.id IS NOT NULL;

DELIMITER //
CREATE FUNCTION held_by(p_id INT) RETURNS INT
READS SQL DATA
BEGIN
  DECLARE v_customer INT;
  SELECT customer INTO v_customer FROM orders WHERE id = p_id;
  RETURN v_customer;
END //
DELIMITER ;

SET AUTOCOMMIT=0;
INSERT INTO \`customers\` VALUES (1,${ZOE},/*!50705 0x00000000010100000000000000000000000000000000000000,*/1),(2,${TAB},/*!50705 NULL,*/1);
COMMIT;
SET AUTOCOMMIT=0;
INSERT INTO orders VALUES (1,1),
(2,1),
(3,2);
COMMIT;

${OLD_BACK}
DELIMITER ;`.replace('PRIMARY KEY  (id)\n)', 'store INT,\n  PRIMARY KEY  (id)\n)'),
  },
  {
    of: 'employees',
    leftOut: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE IF NOT EXISTS shop', 'USE shop', 'FLUSH BINARY LOGS'],
    text: `--  Sample employee database
-- This work is licensed under the
--

DROP DATABASE IF EXISTS shop;
CREATE DATABASE IF NOT EXISTS shop;
USE shop;

SELECT 'CREATING DATABASE STRUCTURE' as 'INFO';

DROP TABLE IF EXISTS orders,
                     customers;

/*!50503 set default_storage_engine = InnoDB */;

/*!50503 select CONCAT('storage engine: ', @@default_storage_engine) as INFO */;

CREATE TABLE customers (
    id      INT             NOT NULL,
    name    VARCHAR(90)     CHARACTER SET utf8mb4,
    PRIMARY KEY (id)
);
CREATE TABLE orders (
    id       INT   NOT NULL,
    customer INT,
    FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE,
    PRIMARY KEY (id)
)
;

# shows the customers with orders
CREATE OR REPLACE VIEW v AS
    SELECT c.id, c.name
    FROM customers c
        INNER JOIN orders o
        ON o.customer=c.id;

flush /*!50503 binary */ logs;

SELECT 'LOADING customers' as 'INFO';
INSERT INTO \`customers\` VALUES
(1,${ZOE}),

(2,${TAB});
INSERT INTO \`orders\` VALUES (1,1),
(2,1),
(3,2);
`,
  },
  {
    of: 'chinook',
    leftOut: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop', 'USE shop'],
    text: `
/*******************************************************************************
   Chinook Database - Version 1.4.5
********************************************************************************/

DROP DATABASE IF EXISTS \`shop\`;


CREATE DATABASE \`shop\`;


USE \`shop\`;


CREATE TABLE \`customers\`
(
    \`id\` INT NOT NULL,
    \`name\` NVARCHAR(90),
    CONSTRAINT \`PK_Customer\` PRIMARY KEY  (\`id\`)
);

CREATE TABLE \`orders\`
(
    \`id\` INT NOT NULL,
    \`customer\` INT,
    \`total\` NUMERIC(10,2),
    CONSTRAINT \`PK_Order\` PRIMARY KEY  (\`id\`)
);

/* Create Foreign Keys */
ALTER TABLE \`orders\` ADD CONSTRAINT \`FK\`
    FOREIGN KEY (\`customer\`) REFERENCES \`customers\` (\`id\`) ON DELETE NO ACTION ON UPDATE NO ACTION;

CREATE INDEX \`IFK\` ON \`orders\` (\`customer\`);

INSERT INTO \`customers\` (\`id\`, \`name\`) VALUES
    (1, N${ZOE}),
    (2, N${TAB});
INSERT INTO \`orders\` VALUES (1, 1, 1.98), (2, 1, -0.5), (3, 2, NULL);
CREATE ${VIEW};
`,
  },
  {
    of: 'mysqldump --databases --source-data=1, with messages of the tool in the file',
    isWhole: true,
    leftOut: ['messages of the dump program', 'CHANGE MASTER TO', 'CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
    text: `mysqldump: [Warning] Using a password on the command line interface can be insecure.
${MYSQLDUMP}mysqldump: Error: 'Access denied; you need (at least one of) the PROCESS privilege(s) for this operation' when trying to dump tablespaces

CHANGE MASTER TO MASTER_LOG_FILE='binlog.000004', MASTER_LOG_POS=157;

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;

USE \`shop\`;

${TABLES}
LOCK TABLES \`customers\` WRITE;
/*!40000 ALTER TABLE \`customers\` DISABLE KEYS */;
INSERT INTO \`customers\` VALUES (1,${ZOE}),(2,${TAB});
/*!40000 ALTER TABLE \`customers\` ENABLE KEYS */;
UNLOCK TABLES;
LOCK TABLES \`orders\` WRITE;
INSERT INTO \`orders\` VALUES (1,1),(2,1),(3,2);
UNLOCK TABLES;
SET @saved_cs_client     = @@character_set_client;
/*!50503 SET character_set_client = utf8mb4 */;
/*!50001 CREATE VIEW \`v\` AS SELECT
 1 AS \`id\`,
 1 AS \`name\`*/;
SET character_set_client = @saved_cs_client;
ALTER DATABASE \`shop\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;
DELIMITER ;;
CREATE DEFINER=\`root\`@\`localhost\` PROCEDURE \`p\`()
BEGIN SELECT 1; END ;;
DELIMITER ;
ALTER DATABASE \`shop\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci ;

USE \`shop\`;
/*!50001 DROP VIEW IF EXISTS \`v\`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER */
/*!50001 ${VIEW} */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;

-- Dump completed on 2026-11-30 10:00:00
`,
  },
  {
    of: 'WordPress, by wp db export and by WP Migrate',
    leftOut: [],
    text: `# WordPress MySQL database migration
#
# Generated: Tuesday 25. November 2026 08:12 UTC
# Hostname: localhost
# Database: \`shop\`
# --------------------------------------------------------

/*!40101 SET NAMES utf8mb4 */;

SET sql_mode='NO_AUTO_VALUE_ON_ZERO';

#
# Delete any existing table \`customers\`
#

DROP TABLE IF EXISTS \`customers\`;

CREATE TABLE \`customers\` (
  \`id\` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  \`name\` longtext COLLATE utf8mb4_unicode_520_ci,
  \`made_gmt\` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  PRIMARY KEY (\`id\`),
  KEY \`name\` (\`name\`(191))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO \`customers\` ( \`id\`, \`name\`, \`made_gmt\`) VALUES
( 1, ${ZOE}, '0000-00-00 00:00:00'),
( 2, ${TAB}, '2026-01-01 10:00:00') ;
#
# End of data contents of table \`customers\`
# --------------------------------------------------------

CREATE TABLE \`orders\` (\`id\` int, \`customer\` bigint(20) unsigned) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ;
INSERT INTO \`orders\` VALUES (1,1), (2,1), (3,2);
CREATE ${VIEW};
`,
  },
  {
    of: 'SQLyog and Navicat',
    leftOut: ['CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
    text: `/*
SQLyog Ultimate v13.1.1 (64 bit)
MySQL - 5.7.40-log : Database - shop
*********************************************************************
*/

/*!40101 SET NAMES utf8 */;

/*!40101 SET SQL_MODE=''*/;

/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/\`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;

USE \`shop\`;

DROP TABLE IF EXISTS \`customers\`;
${TABLES}
insert  into \`customers\`(\`id\`,\`name\`) values

(1,${ZOE}),

(2,${TAB});
BEGIN;
INSERT INTO \`orders\` VALUES (1, 1);
INSERT INTO \`orders\` VALUES (2, 1);
INSERT INTO \`orders\` VALUES (3, 2);
COMMIT;

DELIMITER $$

/*!50003 CREATE */ /*!50017 DEFINER = 'root'@'localhost' */ /*!50003 TRIGGER \`tr\` BEFORE INSERT ON \`orders\` FOR EACH ROW BEGIN SET NEW.customer = 1; END */$$

DELIMITER ;

/*!50001 DROP TABLE IF EXISTS \`v\` */;
/*!50001 CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER ${VIEW} */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
`,
  },
  {
    of: 'Sequel Ace',
    leftOut: [],
    text: `# ************************************************************
# Sequel Ace SQL dump
# Version 20096
#
# Host: localhost (MySQL 8.0.27)
# Database: shop
# ************************************************************


${KEPT_SETTINGS}SET NAMES utf8mb4;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE='NO_AUTO_VALUE_ON_ZERO', SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;


${TABLES}
LOCK TABLES \`customers\` WRITE;
INSERT INTO \`customers\` (\`id\`, \`name\`)
VALUES
\t(1,${ZOE}),
\t(2,${TAB});
UNLOCK TABLES;
INSERT INTO \`orders\` (\`id\`, \`customer\`)
VALUES
\t(1,1),
\t(2,1),
\t(3,2);

CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER ${VIEW};

/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
${RESET}`,
  },
];
