"""Writes calculus.json: expressions, their derivatives, forms and values by SymPy."""

import random

from sympy import (
    Abs, Derivative, Heaviside, Max, Min, Piecewise, Rational, Subs, Symbol, apart, atan2, cancel, ceiling, diff, erf,
    erfc, expand, factor, floor, gamma, im, latex, loggamma, polygamma, re, sign, srepr, together,
)  # fmt: skip

from common import alone, parse, write

COUNTS = {"polynomial": 260, "rational": 260, "elementary": 560, "special": 210}
REAL = {name: ["real"] for name in "xyz"}
NAMES = "xyz"
HEADS = (Abs, Heaviside, Max, Min, Piecewise, atan2, ceiling, erf, erfc, floor, gamma, loggamma, polygamma, sign)

POLYNOMIAL = """
x
-x
x + 1
x - 1
1 - x
2*x
x/2
3*x/4
x**2
x**2/2
-x**2
x**3
x**10
0*x + 3
7
2/3
x + y
x - y
-x - y
x*y
x*y*z
x + y + z
x**2 + 2*x + 1
x**2 - 1
x**2 - 2
x**2 + 1
x**2 + x + 1
x**2 - 5*x + 6
6*x**2 + 5*x - 6
2*x**2 + 4*x + 2
x**3 - 1
x**3 + 1
x**3 - 2*x + 4
(x**3 - 2*x + 4)**3
x**3*x**5
x*x
x*x*x + x
x + x
x + 2*x + 3*x
x - x
2*x - 3*x
x*y + y*x
x*y - y*x
2*(x + 1)
2*(x + y)
-(x + 1)
-(x - y)
x*(x + 1)
3*(x + 1)*(x - 1)
(x + 1)*(x - 1)
(x + 1)*(x + 1)
(x + 1)**2*(x + 1)**3
(x + 1)**2
(x - 1)**3
(x + y)**2
(x - y)**3
(x + y)**5
(x + y + z)**2
(x + y + z)**3
(2*x + 3*y)**4
(x/2 + y/3)**2
(2*x)**3
(-x)**3
(-x)**4
(2*x*y)**2
(x*y)**3
(x**2)**3
((x + 1)**2)**3
x**4 - 1
x**4 + 4
x**4 + 1
x**4 - 10*x**2 + 1
x**5 - x
x**5 - x - 1
x**6 - 1
x**8 - 1
x**10 - 1
x**12 - 1
x**4 + x**2 + 1
x**5 + x + 1
x**3 - 6*x**2 + 11*x - 6
x**4 - 5*x**2 + 4
x**3/3 - x**2/2 + x
x**4/4 - 2*x**3/3 + x**2/2
x**2/2 + x/3 + 1/4
x**3/6 + x**2/2 + x + 1
1 + x + x**2/2 + x**3/6 + x**4/24
16*x**2 - 9
4*x**2 - 12*x + 9
x**2 - y**2
x**3 - y**3
x**3 + y**3
x**4 - y**4
x**2 + 2*x*y + y**2
x**2*y + x*y**2
x**2*y**2 - 1
x**2 + y**2
x**2 + y**2 + z**2
x**2*y + y**2*z + z**2*x
x**3 + y**3 + z**3 - 3*x*y*z
(x - y)*(y - z)*(z - x)
x*y + y*z + z*x
x*y + x + y + 1
6*x*y - 4*x + 9*y - 6
(1 - x)**2 + 100*(y - x**2)**2
(x**2 + y - 11)**2 + (x + y**2 - 7)**2
(x + 2*y - 7)**2 + (2*x + y - 5)**2
2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2
0.26*(x**2 + y**2) - 0.48*x*y
(x*y - 1)**2 + (x + y - 3)**2
(3*x**2 - 1)/2
(5*x**3 - 3*x)/2
(35*x**4 - 30*x**2 + 3)/8
4*x**3 - 3*x
8*x**4 - 8*x**2 + 1
16*x**5 - 20*x**3 + 5*x
8*x**3 - 12*x
3*x**2 - 2*x**3
6*x**5 - 15*x**4 + 10*x**3
x**2*(3 - 2*x)
(x - 1)*(x - 2)*(x - 3)*(x - 4)
(x**2 + 1)*(x**2 - 1)
(x**2 + x + 1)*(x**2 - x + 1)
(x + 1)**3 - (x - 1)**3
(x + y)**2 - (x - y)**2
((x + 1)**2 + 1)**2
(((x + 1)*x + 2)*x + 3)*x + 4
x*(y + z*(x + y))
(x - y/2)**2 + y**2/4
x**2/4 + y**2/9 - 1
1000000007*x + 998244353
123456789123456789*x**2 - 987654321987654321
x**100
x**20 - 1
"""

RATIONAL = """
1/x
-1/x
2/x
1/(2*x)
-3/(4*x)
1/x**2
x**-3
3/x**4
1/(x + 1)
1/(1 - x)
-1/(1 + x)
x/(x + 1)
x/(1 - x)
(x + 1)/(x - 1)
(x - 1)/(x + 1)
(1 - x)/(1 + x)
1/(x**2 + 1)
x/(x**2 + 1)
2*x/(1 + x**2)
(1 - x**2)/(1 + x**2)
1/(x**2 - 1)
1/(1 - x**2)
1/(x**2 - 4)
(x**2 - 1)/(x - 1)
(x**2 - 1)/(x + 1)
(x**3 - 1)/(x - 1)
(x**3 - 8)/(x - 2)
(x**4 - 1)/(x**2 - 1)
(x**2 - 4)/(x**2 - 5*x + 6)
(x**2 + 2*x + 1)/(x**2 - 1)
(x**2 - 5*x + 6)/(x - 2)
(2*x + 4)/(6*x + 12)
(2*x + 2)/4
(x**2 + x)/x
x + 1/x
x - 1/x
(x + 1/x)**2
(x + 1/x)**3
1/(x + 1/x)
1/(1 + 1/x)
1/(1 + 1/(1 + 1/x))
1/(1 + 1/(1 + 1/(1 + x)))
x + 1/(x + 1/x)
1/x + 1/y
1/x - 1/y
x/y
y/x
x/y + y/x
x/y/z
x/(y/z)
x/(y*z)
x*y/z
(x + y)/z
(x + y)/(x - y)
(x - y)/(x + y)
(x**2 - y**2)/(x - y)
(x**2 - y**2)/(x + y)
(x**3 + y**3)/(x + y)
x*y/(x + y)
1/(1/x + 1/y)
1/(1/x + 1/y + 1/z)
x*y/(x**2 + y**2)
(x**2 - y**2)/(x**2 + y**2)
x/(x**2 + y**2)
1/(x**2 + y**2 + z**2)
(2*y - x)/(2*y + x)
1/(x*(x + 1))
1/(x*(x - 1))
1/(x*(x + 1)*(x + 2))
1/(x**2*(x + 1))
1/(x**3 - x)
1/(x**3 + 1)
1/(x**4 - 1)
1/(x**4 + 4)
1/((x - 1)*(x - 2))
x/((x - 1)*(x - 2)*(x - 3))
x**2/((x + 1)**2*(x - 1))
(3*x + 5)/(x**2 - 2*x - 3)
(5*x - 4)/(x**2 - x - 2)
(x**2 + 1)/(x*(x - 1)**2)
(2*x**2 - x + 4)/(x**3 + 4*x)
x**3/(x**2 - 1)
x**4/(x**2 + 1)
x**5/(x**3 - 1)
(x**3 + x)/(x - 1)
(x**2 + 3*x + 1)/(x + 1)
(x**4 - 2*x**2 + 4*x + 1)/(x**3 - x**2 - x + 1)
(4*x**2 - 3*x + 2)/(4*x**2 - 4*x + 3)
(1 - x + 2*x**2 - x**3)/(x*(x**2 + 1)**2)
8/(x**2 + 4)
1/(1 + x)**2
x/(1 + x)**2
x**2/(1 + x)**3
((x - 1)/(x + 1))**2
(1/x)**3
(x/y)**2
(2*x/(3*y))**3
(2*x/3*y**-2)
x**2/x
x**2/x**5
x/x
2*x/(4*x)
(x*y)/(x*z)
x**3*y**-2/(x*y)
1/x**2 + 1/x + 1
1/(x - 1) + 1/(x + 1)
1/(x - 1) - 1/(x + 1)
1/x - 1/(x + 1)
1/(x + 1) + 2/(x + 2) + 3/(x + 3)
x/(x + 1) + (x + 1)/x
1/(x + 1) + 1/(x + 1)**2
3*x/2 + 2/(3*x)
x/2 + 3/(2*x)
(x/2 + 1/3)/(x/4 - 1/5)
1/(x/2 + 1/3)
1/(2*x + 2)
(2*x + 2)/(3*x + 3)
(x + 1)/(2*x + 4)
(1/x - 1/y)/(x - y)
(1/(x + y) - 1/x)/y
((x + y)**2 - x**2)/y
((x + y)**3 - x**3)/y
(x**2 + 2*x*y + y**2)/(x + y)
(x*y + x)/(y + 1)
(x*y + x + y + 1)/(x + 1)
x/(x - y) + y/(y - x)
x/(x - y) - y/(x - y)
1/((x - y)*(x - z)) + 1/((y - z)*(y - x)) + 1/((z - x)*(z - y))
x*y*z/(x*y + y*z + z*x)
(x + y + z)/(x*y*z)
-x/(y - z)
-(x - 1)/(x + 1)
(1 - x)/(x - 1)
(x - 2)/(4 - x**2)
x**2/(2*(1 + x**2))
1/(1 + x**2)**2
1/(1 + 25*x**2)
x**3/(x**4 + 1)
120*x/(60 + 24*x**2 + 2*x**4)
(x**3 + 15*x)/(6*x**2 + 15)
(12 + 6*x + x**2)/(12 - 6*x + x**2)
(x**10 - 1)/(x - 1)
(x**6 - 1)/(x**4 - 1)
"""

ELEMENTARY = """
exp(x)
exp(-x)
exp(2*x)
exp(x)**2
exp(x)*exp(y)
exp(x)*exp(-x)
exp(x + y)
exp(x**2)
exp(-x**2)
exp(-x**2/2)
exp(-x**2/2)/sqrt(2*pi)
exp(1/x)
exp(-1/x**2)
exp(exp(x))
exp(sin(x))
exp(log(x))
log(exp(x))
x*exp(x)
x**2*exp(x)
x*exp(-x)
x**2*exp(-3*x)
exp(x)/x
x/exp(x)
E**x
E**(2*x + 1)
exp(1)
exp(2)*x
log(x)
ln(x)
log(2*x)
log(x**2)
log(x)**2
log(1/x)
log(x + 1)
log(1 - x)
log(x**2 + 1)
log(log(x))
log(x, 2)
log(x, 10)
log(x, y)
log(8)*x
log(x*y)
log(x/y)
log(sin(x))
log(cos(x))
log(tan(x))
log(x + sqrt(x**2 + 1))
log((1 + x)/(1 - x))/2
x*log(x)
x*log(x) - x
x**2*log(x)
log(x)/x
log(x)/x**2
1/log(x)
1/(x*log(x))
-x*log(x) - (1 - x)*log(1 - x)
-y*log(x) - (1 - y)*log(1 - x)
-(y*log(1/(1 + exp(-x))) + (1 - y)*log(1 - 1/(1 + exp(-x))))
-log(exp(x)/(exp(x) + exp(y) + exp(z)))
log(exp(x) + exp(y) + exp(z))
x*log(x/y)
x*log(x/y) + (1 - x)*log((1 - x)/(1 - y))
sqrt(x)
sqrt(2*x)
sqrt(4*x)
sqrt(8*x)
sqrt(x + 1)
sqrt(1 - x)
sqrt(x**2)
sqrt(x**2 + 1)
sqrt(1 - x**2)
sqrt(x**2 + y**2)
sqrt(x**2 + y**2 + z**2)
1/sqrt(x**2 + y**2 + z**2)
1/sqrt(x)
1/sqrt(1 - x**2)
1/sqrt(x**2 + 1)
x/sqrt(x**2 + 1)
x/sqrt(1 - x**2)
x*sqrt(1 - x**2)
x*sqrt(x)
sqrt(x)*sqrt(y)
sqrt(x*y)
sqrt(x)*sqrt(x)
sqrt(x)/x
x/sqrt(x)
sqrt(x)*x**(1/3)
sqrt(sqrt(x))
sqrt(x + sqrt(x))
sqrt(x + sqrt(x + sqrt(x)))
sqrt(1 + sqrt(1 + x))
sqrt(x) + 1/sqrt(x)
(sqrt(x) + 1)*(sqrt(x) - 1)
(sqrt(x) + sqrt(y))**2
1/(sqrt(x) + sqrt(y))
1/(1 + sqrt(2))
sqrt(2)*sqrt(3)*x
sqrt(12)*x + sqrt(27)
sqrt(2)/2*x
x**(1/2)
x**(1/3)
x**(2/3)
x**(3/2)
x**(-1/2)
x**(-3/2)
x**(5/3)
x**0.5
x**1.5 + 0.25*x
2.5*x**2*exp(-0.5*x)
x**(1/3)*x**(2/3)
x**(1/2)*x**(1/3)
(x**2)**(1/3)
(x**(1/3))**2
(x + 1)**(1/3)
(x**2 + 1)**(3/2)
(x**2 + 1)**(-3/2)
(1 + x**3)**(1/3)
(1 - x**(2/3))**(3/2)
((x + 1)/(x - 1))**(1/2)
sqrt((1 - x)/(1 + x))
x**x
x**(2*x)
x**(-x)
x**(x**2)
x**x**x
x**y
y**x
x**(y + 1)
x**(y*z)
(x*y)**z
(x**y)**z
x**y*x**z
x**y/x
x**sin(x)
sin(x)**x
(1 + 1/x)**x
(1 + x)**(1/x)
x**(1/x)
log(x)**x
x**log(x)
2**x
10**x
(1/2)**x
2**-x
4**x
2**(x + 1)
2**x*3**x
2**x*2**y
2**(x**2)
3**(2*x)
x**2*2**x
x*2**x/3**y
pi**x
x**pi
x**E
x**sqrt(2)
(-1)**2*x
sin(x)
cos(x)
tan(x)
cot(x)
sec(x)
csc(x)
sin(-x)
cos(-x)
tan(-x)
sin(2*x)
cos(3*x + 1)
tan(x/2)
sin(x + pi)
sin(x + pi/2)
cos(x - pi/2)
cos(x + 2*pi)
sin(pi - x)
sin(pi*x)
sin(pi/3)*x
cos(pi/4)*x
tan(pi/6)*x
sin(x)**2
cos(x)**3
tan(x)**2
sin(x)**2 + cos(x)**2
sin(x)*cos(x)
sin(x)/x
sin(x)/cos(x)
cos(x)/sin(x)
1/cos(x)
1/sin(x)**2
x*sin(x)
x**2*cos(x)
x*sin(x) + cos(x)
sin(x) - x*cos(x)
sin(x**2)
cos(x**3 - x)
sin(1/x)
x*sin(1/x)
x**2*sin(1/x)
sin(sin(x))
sin(cos(tan(x)))
cos(sqrt(x))
sin(x)/(1 + cos(x))
(1 - cos(x))/x**2
(1 - cos(x))/sin(x)
1/(1 + sin(x))
sqrt(1 + cos(x))
sqrt(sin(x))
exp(x)*sin(x)
exp(-x)*cos(2*x)
exp(-x/5)*sin(3*x)
exp(-x)*(sin(x) + cos(x))
sin(x*y)
sin(x)*cos(y) + cos(x)*sin(y)
sin(x + y)
cos(x - y)*sin(x + y)
sin(x)*sin(y)*sin(z)
x*sin(y) + y*cos(x)
sin(log(x))
log(sin(x)**2)
sin(x)**cos(x)
tan(x) - x
tan(sin(x))
sin(x)**4 - cos(x)**4
asin(x)
acos(x)
atan(x)
acot(x)
asin(-x)
atan(-x)
acos(-x)
asin(x/2)
atan(2*x)
atan(1/x)
atan(y/x)
atan(x**2)
atan(sqrt(x))
x*atan(x) - log(1 + x**2)/2
x*asin(x) + sqrt(1 - x**2)
asin(x)/x
asin(x)**2
asin(sqrt(x))
acos(1 - x)
sin(asin(x))
cos(asin(x))
tan(atan(x))
sin(atan(x))
cos(atan(x))
tan(acos(x))
asin(sin(x))
atan(tan(x))
atan((1 + x)/(1 - x))
asin(2*x/(1 + x**2))
exp(atan(x))
atan(exp(x))
atan(1)*x
sinh(x)
cosh(x)
tanh(x)
coth(x)
sech(x)
csch(x)
sinh(-x)
cosh(-x)
tanh(2*x)
sinh(x)**2
cosh(x)**2 - sinh(x)**2
sinh(x)*cosh(x)
sinh(x)/x
log(cosh(x))
sinh(log(x))
tanh(x/2)
tanh(x)**2
1 - tanh(x)**2
x*tanh(log(1 + exp(x)))
exp(-x)*sinh(x)
sinh(x)*sin(x)
cosh(sqrt(x))
asinh(x)
acosh(x)
atanh(x)
acosh(x + 1)
asinh(-x)
asinh(x/2)
atanh(x/3)
asinh(x**2)
atanh(1/x)
acosh(x**2 + 1)
x*asinh(x) - sqrt(1 + x**2)
x*atanh(x) + log(1 - x**2)/2
sinh(asinh(x))
cosh(asinh(x))
sinh(acosh(x))
tanh(atanh(x))
atanh(tanh(x))
asinh(tan(x))
atan(sinh(x))
2*atan(tanh(x/2))
1/(1 + exp(-x))
1/(1 + exp(-x))*(1 - 1/(1 + exp(-x)))
exp(x)/(1 + exp(x))
x/(1 + exp(-x))
x/(1 + exp(-1.702*x))
log(1 + exp(x))
log(1 + exp(-x))
log(1 + exp(-x*y))
log(exp(x) + 1) - x*y
exp(x)/(exp(x) + exp(y) + exp(z))
exp(x)/(exp(x) + exp(y))
exp(-(x - y)**2/2)
exp(-(x - y)**2/(2*z**2))/(z*sqrt(2*pi))
(x - y)**2/(2*z**2) + log(z)
x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2
sqrt(1 + (x - y)**2) - 1
log(cosh(x - y))
(exp(x) - exp(-x))/(exp(x) + exp(-x))
(exp(x) + exp(-x))/2
(exp(x) - exp(-x))/2
exp(x) - 1 - x
(exp(x) - 1)/x
1/(exp(x) - 1)
x/(exp(x) - 1)
x**3/(exp(x) - 1)
exp(-x)/x**2
(1 - exp(-x))/x
exp(-x*y)*x**2
y*exp(-x*y)
exp(x*y)*sin(x*z)
z*exp(-x)/(1 + y*exp(-x))
1/(1 + y*exp(-x))**2
x**2*y*exp(-z*x)
sqrt(x)*exp(-x)
sqrt(x)*log(x)
log(sqrt(x))
log(x*sqrt(x))
sqrt(log(x + 1))
exp(sqrt(x))
exp(-sqrt(x**2 + y**2))
sqrt(exp(x))
sqrt(exp(2*x))
(exp(x))**y
exp(x*log(y))
exp(2*log(x))
exp(log(x)/2)
exp(x + log(y))
log(x**y)
log(exp(x)*y)
exp(I*pi)*x
exp(x)*exp(x)
exp(x)*exp(y)/exp(z)
exp(x)/exp(2*x)
(1 + exp(x))*(1 - exp(x))
(sin(x) + cos(x))**2
(exp(x) + exp(-x))**3
(x + exp(x))*(x - log(x))
20 + x**2 - 10*cos(2*pi*x)
x**2 + y**2 - 10*cos(2*pi*x) - 10*cos(2*pi*y) + 20
-20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + E + 20
sin(x + y) + (x - y)**2 - 3*x/2 + 5*y/2 + 1
-cos(x)*cos(y)*exp(-((x - pi)**2 + (y - pi)**2))
(x**2 + y**2)/4000 - cos(x)*cos(y/sqrt(2)) + 1
sin(3*pi*x)**2 + (x - 1)**2*(1 + sin(3*pi*y)**2)
sqrt(x**2 + y**2)*exp(-x*y)*cos(x - y)
"""

SPECIAL = """
erf(x)
erf(-x)
erf(2*x)
erf(x/sqrt(2))
(1 + erf(x/sqrt(2)))/2
x*(1 + erf(x/sqrt(2)))/2
erf(x)**2
erf(x**2)
erf(sqrt(x))
x*erf(x) + exp(-x**2)/sqrt(pi)
erf(x*y)
exp(-x**2)*erf(x)
log(erf(x))
erf((x - y)/(z*sqrt(2)))
erfc(x)
erfc(-x)
erfc(2*x + 1)
exp(x**2)*erfc(x)
erfc(x)/2
log(erfc(x))
erf(x) + erfc(x)
erfc(x/sqrt(y))
gamma(x)
gamma(x + 1)
gamma(2*x)
gamma(x**2 + 1)
gamma(x)**2
1/gamma(x)
log(gamma(x))
x*gamma(x)
gamma(x)*gamma(1 - x)
gamma(x)*gamma(y)/gamma(x + y)
gamma(x + 1)/gamma(x)
gamma(5)*x
gamma(1/2)*x
gamma(x + 1/2)
x**(y - 1)*exp(-x)/gamma(y)
gamma(x)/x
exp(-x)*gamma(x)
loggamma(x)
loggamma(x + 1)
loggamma(2*x)
loggamma(x)**2
loggamma(x) - loggamma(y)
x*log(x) - loggamma(x + 1)
loggamma(x) + loggamma(y) - loggamma(x + y)
exp(loggamma(x))
digamma(x)
digamma(x + 1)
x*digamma(x)
digamma(x)**2
digamma(x) - log(x)
digamma(x*y)
polygamma(0, x)
polygamma(1, x)
polygamma(2, x)
polygamma(3, x)
polygamma(1, x + y)
polygamma(1, 2*x)
x*polygamma(1, x) + polygamma(0, x)
polygamma(2, x**2)
polygamma(0, x)/x
factorial(x)
Abs(x)
abs(x)
Abs(-x)
Abs(2*x)
Abs(x - 1)
Abs(x*y)
Abs(x - y)
Abs(x)**2
Abs(x)**3
x*Abs(x)
Abs(x)/x
1/Abs(x)
x/(1 + Abs(x))
1/(1 + Abs(x))**2
exp(-Abs(x))
exp(-Abs(x - y))/2
log(Abs(x))
log(Abs(sin(x)))
sqrt(Abs(x))
sin(Abs(x))
Abs(sin(x))
Abs(Abs(x))
Abs(x**2 - 1)
Abs(x) + Abs(y)
log(1 + Abs(x - y))
sign(x)
sign(2*x)
sign(-x)
sign(x - 1)
x*sign(x)
sign(x)*sqrt(Abs(x))
sign(x)*log(1 + Abs(x))
sign(x*y)
sign(x)**2
floor(x)
ceiling(x)
floor(x + 1)
floor(x + 1/2)
floor(2*x)
ceiling(x - 2)
x - floor(x)
floor(x)/x
floor(x)*x**2
floor(x*y)
floor(7/2)*x
ceiling(x) - floor(x)
Max(x, 0)
Max(0, x)
Max(x, 1)
Max(x, y)
Max(x, y, z)
Max(x, x)
Max(1, 2)*x
Max(0, x)**2
Max(0, 1 - x*y)
Max(0, 1 - x)**2
x*Max(0, x)
Max(x, x**2)
Max(x, x/10)
Min(x, 1)
Min(x, y)
Min(x, y, z)
Min(x, 6)*x
Min(Max(x, 0), 1)
Max(Min(x, 6), 0)
x*Min(Max(0, x + 3), 6)/6
Max(x, y) - Min(x, y)
Max(x, y)*exp(-x)
sqrt(Max(x, y))
Heaviside(x)
Heaviside(-x)
Heaviside(x - 1)
Heaviside(2*x - 1)
x*Heaviside(x)
x**2*Heaviside(x - 1)
exp(-x)*Heaviside(x)
Heaviside(x)*Heaviside(y)
sin(x)*Heaviside(x - 1/2)
Heaviside(x - y)*(x - y)
Heaviside(x)**2
Piecewise((x, x > 0), (0, True))
Piecewise((x, x >= 0), (-x, True))
Piecewise((x**2, x < 1), (2*x - 1, True))
Piecewise((x, x > 0), (exp(x) - 1, True))
Piecewise((x, x > 0), (x/100, True))
Piecewise((1.0507009873554805*x, x > 0), (1.7580993408473766*(exp(x) - 1), True))
Piecewise((0, x < 0), (x, x < 1), (1, True))
Piecewise((x**2/2, Abs(x) < 1), (Abs(x) - 1/2, True))
Piecewise((x**2/2, x < 1), (x - 1/2, True))
Piecewise((sin(x)/x, Ne(x, 0)), (1, True))
Piecewise((x*y, x > y), (x + y, True))
Piecewise((x, x < y), (y, True))
Piecewise((log(x), x > 1), (x - 1, x <= 1))
Piecewise((x**2, (x > 0) & (x < 1)), (x, True))
Piecewise((x, (x < 0) | (x > 1)), (x**3, True))
Piecewise((x, Eq(y, 0)), (x/y, True))
2*Piecewise((x, x > 1), (1, True))
Piecewise((x, x > 1), (1, True))*exp(-x)
Piecewise((x, x > 1), (1, True))**2
exp(Piecewise((x, x > 1), (x**2, True)))
Piecewise((x, x > 1), (1, True)) + Piecewise((y, y > 1), (1, True))
Piecewise((2, 3 > 4), (x, True))
Piecewise((x**2, True))
Piecewise((1, x > 1), (1, True))
atan2(y, x)
atan2(x, y)
atan2(x, 1)
atan2(1, x)
atan2(y, x)*x
sin(atan2(y, x))
atan2(y, x)**2
atan2(x**2, y)
atan2(x - y, x + y)
atan2(sin(x), cos(x))
sqrt(x**2 + y**2)*cos(z - atan2(y, x))
"""


# The functions from here to random_special write expressions the way a person types them.


def join(terms):
    """A sum, with a minus sign for a term that starts with one."""
    text = terms[0]
    for term in terms[1:]:
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text


def power(base, exponent):
    return base if exponent == 1 else f"{base}**{exponent}"


def monomial(rng, names, degree):
    exponents = [0] * len(names)
    for _ in range(degree):
        exponents[rng.randrange(len(names))] += 1
    factors = [power(name, n) for name, n in zip(names, exponents) if n]
    top = rng.choice([1, 1, 1, 2, 3, 4, 5, 6, 7, 12])
    bottom = rng.choice([1, 1, 1, 1, 2, 3, 4, 5])
    if top > 1 or not factors:
        factors.insert(0, str(top))
    sign = rng.choice(["", "", "-"])
    return sign + "*".join(factors) + (f"/{bottom}" if bottom > 1 and top != bottom else "")


def polynomial(rng, names, terms, degree):
    degrees = sorted({rng.randint(0, degree) for _ in range(terms)} | {rng.randint(1, degree)}, reverse=True)
    if len(names) > 1:
        degrees += [rng.randint(1, degree) for _ in range(terms - len(degrees))]
    return join([monomial(rng, names, d) for d in degrees])


def integral(rng, names, degree):
    """A polynomial with small integer coefficients: a factor for others."""
    powers = [power(rng.choice(names), d) for d in range(degree, 0, -1)]
    terms = [f"{rng.choice(['', '', '2*', '3*', '-'])}{p}" for p in powers if p == powers[0] or rng.random() < 0.6]
    return join([terms[0].lstrip("-")] + terms[1:] + [str(rng.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]))])


def random_names(rng):
    return rng.choice(["x", "x", "xy", "xyz"])


def random_polynomial(rng):
    names = random_names(rng)
    small = lambda: polynomial(rng, names, rng.randint(2, 3), rng.randint(1, 3))
    form = rng.randrange(7)
    if form == 0:
        return polynomial(rng, names, rng.randint(2, 6), rng.randint(2, 8))
    if form == 1:
        return f"({small()})**{rng.randint(2, 4)}"
    if form == 2:
        return f"({small()})*({small()})"
    if form == 3:
        return join([f"({small()})**2", monomial(rng, names, 2), f"({small()})*({small()})"])
    if form == 4:
        return f"{monomial(rng, names, 2)}*{power(f'({small()})', rng.randint(1, 3))}"
    # The expanded form of a product: factor has work to do.
    factor = lambda: power(f"({integral(rng, names, rng.randint(1, 2))})", rng.choice([1, 1, 2]))
    return str(expand(parse("*".join([factor() for _ in range(rng.randint(2, 3))]))))


def random_rational(rng):
    names = random_names(rng)
    small = lambda: polynomial(rng, names, rng.randint(1, 3), rng.randint(1, 2))
    term = lambda: integral(rng, names, rng.randint(1, 2))
    form = rng.randrange(8)
    if form == 0:
        return f"({small()})/({term()})"
    if form == 1:
        return f"{rng.randint(1, 9)}/{power(f'({term()})', rng.randint(1, 3))}"
    if form == 2:
        return f"{rng.randint(1, 5)}/({term()}) - {rng.choice(names)}/({term()})"
    if form == 3:
        return f"({term()})/(({term()})*({term()}))"
    if form == 4:
        return f"({term()})**2/({term()}) + {monomial(rng, names, 1).lstrip('-')}"
    if form == 5:
        return f"1/({names[-1]} + {rng.randint(1, 4)}/({term()}))"
    if form == 6:
        return f"(({term()})/({term()}))**{rng.randint(2, 3)}"
    # Numerator and denominator expanded over a common factor: cancel has work to do.
    common = term()
    top, bottom = (expand(parse(f"({common})*({term()})")) for _ in range(2))
    return f"({top})/({bottom})"


ATOMS = ["x", "x", "x", "x", "y", "z", "2", "3", "x**2", "2*x", "x/2", "x*y", "x + 1", "1 - x", "x - y", "3*x + 2"]
FUNCTIONS = "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split()
COMMON = "exp log sqrt sin cos tanh exp sin cos log sqrt atan".split()
SPECIAL_FUNCTIONS = "erf erfc gamma loggamma digamma Abs sign floor Heaviside".split()
SPECIAL_FORMS = [
    "polygamma(1, {0})", "polygamma(2, {0})", "Max({0}, {1})", "Min({0}, {1})", "Max(0, {0})", "atan2({0}, {1})",
    "Piecewise(({0}, x > {2}), ({1}, True))", "Piecewise(({0}, x < y), ({1}, True))", "ceiling({0})",
]  # fmt: skip


def atom(rng):
    return rng.choice(ATOMS)


def within(text):
    """Text as an operand of * / and **."""
    is_call = text[0].isalpha() and text.endswith(")") and text.count("(") == 1
    return text if text.isalnum() or is_call else f"({text})"


def random_tree(rng, depth, call):
    if depth == 0:
        return atom(rng)
    sub = lambda: random_tree(rng, depth - 1, call)
    form = rng.randrange(12)
    if form < 5:
        return call(rng, sub)
    if form < 7:
        return f"{sub()} {rng.choice('+-')} {within(sub())}"
    if form < 9:
        return f"{within(sub())}*{within(sub())}"
    if form == 9:
        return f"{within(sub())}/{within(sub())}"
    if form == 10:
        return f"{within(sub())}**{rng.choice(['2', '3', '(1/2)', '(3/2)', '(-1)', '(1/3)', '(-2)'])}"
    return rng.choice([f"{within(atom(rng))}**{within(sub())}", f"{rng.choice('235')}**{within(sub())}"])


def elementary_call(rng, sub):
    return f"{rng.choice(FUNCTIONS if rng.random() < 0.6 else COMMON)}({sub()})"


def special_call(rng, sub):
    choice = rng.randrange(3)
    if choice == 0:
        return elementary_call(rng, sub)
    if choice == 1:
        return f"{rng.choice(SPECIAL_FUNCTIONS)}({sub()})"
    return rng.choice(SPECIAL_FORMS).format(sub(), atom(rng), rng.randint(1, 2))


def random_elementary(rng):
    return random_tree(rng, rng.choice([1, 2, 2, 3, 3, 4]), elementary_call)


def random_special(rng):
    return random_tree(rng, rng.choice([1, 2, 2]), special_call)


def value(expr, point):
    """A double, [re, im] where it is complex, or None where there is no value that a double holds."""
    if expr.has(Derivative):
        return None
    try:
        parts = [part.evalf(30) for part in expr.xreplace(point).evalf(30).as_real_imag()]
        underflows = any(part != 0 and float(part) == 0 for part in parts)
        if underflows or not all(part.is_number and part.is_finite for part in parts):
            return None
        return [float(part) for part in parts] if abs(parts[1]) > 1e-25 * abs(parts[0]) else float(parts[0])
    except (TypeError, ValueError, AttributeError, ZeroDivisionError, NotImplementedError):
        return None


def without_steps(expr):
    """The derivatives of floor and ceiling, which SymPy leaves unevaluated, are zero between the jumps."""
    found = [e for e in expr.atoms(Subs, Derivative) if e.has(floor, ceiling) and not e.has(re, im)]
    return expr.xreplace(dict.fromkeys(found, Rational(0)))


def tame(number):
    return isinstance(number, float) and (number == 0 or 1e-8 < abs(number) < 1e8)


def points(text, names, exprs):
    """Three points of dyadic coordinates, which doubles hold exactly, and the values of exprs there."""
    rng = random.Random(text)
    good, bad = [], []
    for attempt in range(24):
        if len(good) == 3 or (attempt == 6 and not good and not any(tame(v[0]) for _, v in bad)):
            break
        numbers = [n / 64 for n in rng.sample([n for n in range(7, 128) if n % 64], 3)]
        coordinates = {name: number for name, number in zip(NAMES, numbers) if name in names}
        point = {Symbol(name): Rational(number) for name, number in coordinates.items()}
        point |= {Symbol(name, real=True): Rational(number) for name, number in coordinates.items()}
        values = [value(expr, point) for expr in exprs]
        (good if all(map(tame, values)) else bad).append((coordinates, values))
    chosen = (good + bad)[:3]
    return [{**coordinates, **dict(zip(("f", "f1", "f2"), values))} for coordinates, values in chosen], len(good) == 3


def short(expr, limit):
    text = str(expr)
    return text if len(text) <= limit else None


def describe(kind, text, expr, with_srepr):
    x, y = Symbol("x"), Symbol("y")
    f1 = diff(expr, x)
    f2 = diff(f1, x)
    case = {"kind": kind, "input": text, "str": str(expr), "latex": latex(expr)}
    if with_srepr:
        case["srepr"] = srepr(expr)
    case["diff"] = str(f1)
    case["diff2"] = short(f2, 400)
    if y in expr.free_symbols:
        case["diffy"] = str(diff(expr, y))
    exprs = [expr, f1, f2]
    if kind == "special":
        # Over the complex numbers some of these have no derivative; over the reals they do.
        real = parse(text, REAL)
        x = Symbol("x", real=True)
        r1 = diff(real, x)
        if str(r1) != case["diff"]:
            case["diffReal"] = str(r1)
        exprs = [real, without_steps(r1), without_steps(diff(r1, x))]
    else:
        case["expand"] = short(expand(expr), 400)
    if kind in ("polynomial", "rational"):
        case |= {"factor": str(factor(expr)), "cancel": str(cancel(expr)), "together": str(together(expr))}
    if kind == "rational" and expr.free_symbols == {Symbol("x")}:
        case["apart"] = str(apart(expr, Symbol("x")))
    case["points"], complete = points(text, {s.name for s in expr.free_symbols}, exprs)
    return case, complete


def main():
    written = {"polynomial": POLYNOMIAL, "rational": RATIONAL, "elementary": ELEMENTARY, "special": SPECIAL}
    make = {"polynomial": random_polynomial, "rational": random_rational,
            "elementary": random_elementary, "special": random_special}  # fmt: skip
    cases = []
    for kind, count in COUNTS.items():
        rng = random.Random(kind)
        found = []
        seen = set()
        for text in written[kind].strip().splitlines():
            with alone(text):
                found.append(describe(kind, text, parse(text), len(found) % 8 == 0)[0])
            seen.add(found[-1]["str"])
        while len(found) < count:
            text = make[kind](rng)
            if len(text) > 120:
                continue
            with alone(text):
                expr = parse(text)
                if expr.count_ops() > 25 or Symbol("x") not in expr.free_symbols or str(expr) in seen:
                    continue
                if kind == "elementary" and expr.is_rational_function() or kind == "special" and not expr.has(*HEADS):
                    continue
                case, complete = describe(kind, text, expr, len(found) % 8 == 0)
            seen.add(case["str"])
            if complete and len(case["diff"]) <= 300:
                found.append(case)
        cases += found
    write(__file__, cases)


main()
