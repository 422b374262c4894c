-- One customer's scores as of one instant; columns as in the table.
INSERT OR REPLACE INTO score VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);
