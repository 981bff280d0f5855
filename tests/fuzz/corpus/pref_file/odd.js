user_pref('é \n', "two
lines");user_pref ( /*x*/ 'z' // y
 , + 7 ) ; 