-- One department's sums are read by themselves; the primary key begins with the day.
CREATE INDEX tallies_department_day ON tallies (department, day);
